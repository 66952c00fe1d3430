import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { Service } from '#src/service/service.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { NOW_MS } from './harness.ts'

const START_MS = NOW_MS
const SESSION_MS = 600_000
const CALL_MS = 1000

/** A session as the hooks of a client tell it. */
export interface HookSession {
  readonly id: string
  /** What its start is answered decides how it goes on. */
  readonly callsAfter: (injected: string) => { readonly management: number; readonly other: number }
}

/** The default pipeline behind the hook receiver, for sessions one after the other. */
export class LoopService {
  readonly directory: string
  readonly store: OpenStore
  readonly #agentType: string
  readonly #stop: () => Promise<void>
  readonly #service: Service
  readonly #url: string
  readonly #clock: { nowMs: number }
  /** What its receiver will have received, counted over restarts. */
  #sent: number

  private constructor(parts: {
    directory: string
    store: OpenStore
    agentType: string
    stop: () => Promise<void>
    service: Service
    url: string
    clock: { nowMs: number }
  }) {
    this.directory = parts.directory
    this.store = parts.store
    this.#agentType = parts.agentType
    this.#stop = parts.stop
    this.#service = parts.service
    this.#url = parts.url
    this.#clock = parts.clock
    this.#sent = this.#received()
  }

  static async start(
    directory: string,
    {
      agentType,
      rules = {},
      alerting = {},
      seeded = [],
    }: { agentType: string; rules?: object; alerting?: object; seeded?: readonly LedgerLine[] },
  ): Promise<LoopService> {
    const clock = { nowMs: START_MS }
    const store = await openStore({ directory, mode: 'write', nowMs: () => clock.nowMs })
    await store.commit(seeded.map((line) => ({ line, live: false })))
    let url = ''
    const failures: string[] = []
    const loggerFor = (component: string): Logger => {
      const note = (fields: Readonly<Record<string, unknown>>): void => {
        if (component === 'claude_hooks' && typeof fields.url === 'string') url = fields.url
      }
      const fail = (fields: object, message: string): void => {
        failures.push(`${component}: ${message} ${JSON.stringify(fields)}`)
      }
      return { debug: note, info: note, warn: fail, error: fail }
    }
    const config = configOf(directory, rules, alerting)
    const service = new Service({ config, store, nowMs: () => clock.nowMs, loggerFor })
    await service.start()
    const stop = async (): Promise<void> => {
      await service.stop()
      await store.close()
      if (failures.length > 0) throw new Error(failures.join('\n'))
    }
    return new LoopService({ directory, store, agentType, stop, service, url, clock })
  }

  /** @returns what was injected at its start */
  async runSession({ id, callsAfter }: HookSession): Promise<string> {
    this.#clock.nowMs += SESSION_MS
    const injected = await this.startSession(id)
    const { management, other } = callsAfter(injected)
    for (let n = 0; n < management + other; n++) {
      this.#clock.nowMs += CALL_MS
      const tool_name = n < management ? 'TaskUpdate' : 'Bash'
      await this.#hook({ session_id: id, hook_event_name: 'PostToolUse', tool_name, tool_use_id: `${id}-${n}` })
    }
    await this.endSession(id)
    return injected
  }

  async endSession(id: string): Promise<void> {
    await this.#hook({ session_id: id, hook_event_name: 'SessionEnd', reason: 'other' })
    while (this.#received() < this.#sent || this.#held() > 0) await sleep(1)
    await this.#service.finish()
  }

  /** @returns what is injected */
  async startSession(id: string, more: object = {}): Promise<string> {
    const event = { session_id: id, hook_event_name: 'SessionStart', agent_type: this.#agentType, source: 'startup' }
    const answer = await this.#hook({ ...event, ...more })
    const { hookSpecificOutput: output } = answer as { hookSpecificOutput?: Record<string, string> }
    if (output !== undefined && output.hookEventName !== 'SessionStart')
      throw new Error('expected the name of the hook')
    return output?.additionalContext ?? ''
  }

  /** @returns what the hook of a prompt is answered */
  prompt(id: string, prompt: string): Promise<unknown> {
    return this.#hook({ session_id: id, hook_event_name: 'UserPromptSubmit', agent_type: this.#agentType, prompt })
  }

  /** A tool call in a session that goes on. */
  async call(id: string, n: number, event: object): Promise<void> {
    this.#clock.nowMs += CALL_MS
    await this.#hook({ session_id: id, tool_use_id: `${id}-${n}`, tool_name: 'Bash', ...event })
    while (this.#received() < this.#sent) await sleep(1)
  }

  /** Lets time pass. */
  wait(ms: number): void {
    this.#clock.nowMs += ms
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  async #hook(event: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' }
    this.#sent++
    const response = await fetch(this.#url, { method: 'POST', headers, body: JSON.stringify(event) })
    return response.json()
  }

  #received(): number {
    return this.#service.accounts().get('receiver/claude_hooks')?.received ?? 0
  }

  #held(): number {
    return this.#service.accounts().get('receiver/claude_hooks')?.held ?? 0
  }
}

function configOf(directory: string, rules: object, alerting: object) {
  const processors = {
    session_grouping: {},
    kpi_aggregation: {},
    baseline_ema: {},
    alerting,
    suggestion_rules: rules,
  }
  const text = JSON.stringify({
    receivers: { claude_hooks: { endpoint: '127.0.0.1:0' } },
    processors,
    exporters: { markdown: {} },
    service: {
      storage: { directory: join(directory) },
      pipelines: {
        sessions: { receivers: ['claude_hooks'], processors: Object.keys(processors), exporters: ['markdown'] },
      },
    },
  })
  return loadConfig({ sources: [{ file: 'test.yaml', text }], sets: [], env: {} }, components)
}
