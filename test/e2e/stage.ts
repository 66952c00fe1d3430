import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { LedgerLine, Totals } from '#src/model/assessment.ts'
import { AgentperfProcess, until } from '../crash/agentperf-process.ts'
import { ledgerOf } from '../crash/outputs.ts'
import { ClaudeProcess } from './claude-process.ts'
import { type Answered, ModelApi, type Turn } from './model-api.ts'
import { problemsOf } from './problems.ts'
import { hooksOf, type Sources, setsOf, telemetryOf } from './sources.ts'

/** Idle time and the slowest machine included. */
const ASSESSED_WITHIN_MS = 60_000

export interface StageOptions {
  readonly scripts: Readonly<Record<string, readonly Turn[]>>
  readonly sources: Sources
  /** Further settings of agentperf. */
  readonly sets?: readonly string[]
}

/** A throw-away home with the real client, the model that it talks to, and an agentperf beside it. */
export class Stage {
  readonly home: string
  /** Where agentperf keeps its state: the default. */
  readonly directory: string
  readonly api: ModelApi
  readonly #options: StageOptions
  #agentperf: AgentperfProcess
  #modelUrl = ''

  private constructor(home: string, options: StageOptions) {
    this.home = home
    this.directory = join(home, '.claude', 'telemetry')
    this.api = new ModelApi(options.scripts)
    this.#options = options
    this.#agentperf = this.#collector()
  }

  /** Everything is ended and removed when the test is over. */
  static async start(options: StageOptions): Promise<Stage> {
    const home = await mkdtemp(join(tmpdir(), 'agentperf-e2e-'))
    const stage = new Stage(home, options)
    onTestFinished(async () => {
      await stage.#agentperf.kill()
      await stage.api.stop()
      await rm(home, { recursive: true, force: true })
    })
    stage.#modelUrl = await stage.api.start()
    await stage.#agentperf.ready()
    return stage
  }

  claude(prompt: string, args: readonly string[] = []): ClaudeProcess {
    const { sources } = this.#options
    const place = {
      home: this.home,
      modelUrl: this.#modelUrl,
      env: telemetryOf(sources, this.#agentperf),
      hooks: hooksOf(sources, this.#agentperf),
    }
    const claude = new ClaudeProcess(place, prompt, args)
    onTestFinished(() => claude.kill())
    return claude
  }

  /** What the client has written of a session so far; empty before it wrote anything. */
  transcriptOf(sessionId: string): string {
    const projects = join(this.home, '.claude', 'projects')
    return globSync(`*/${sessionId}.jsonl`, { cwd: projects })
      .map((file) => readFileSync(join(projects, file), 'utf8'))
      .join('')
  }

  /** The last revision of a session, once it is as it should be. @throws with the differences when it never is */
  async assessed(sessionId: string, check: (line: LedgerLine) => void): Promise<LedgerLine> {
    const holds = (): boolean => {
      try {
        check(this.#lastOf(sessionId))
        return true
      } catch {
        return false
      }
    }
    await until(holds, 'the session is assessed', this.#agentperf, ASSESSED_WITHIN_MS).catch(() =>
      check(this.#lastOf(sessionId)),
    )
    return this.#lastOf(sessionId)
  }

  /** As `assessed`; then agentperf is stopped, and what came late must not have changed it. */
  async settled(sessionId: string, check: (line: LedgerLine) => void): Promise<LedgerLine> {
    await this.assessed(sessionId, check)
    expect(await this.#agentperf.stop(), this.#agentperf.stderr).toBe(0)
    const line = this.#lastOf(sessionId)
    check(line)
    expect(problemsOf(this.directory)).toEqual({})
    return line
  }

  /** Stops agentperf while something goes on that it cannot see, and starts it again. */
  async withoutAgentperf(something: () => Promise<unknown>): Promise<void> {
    expect(await this.#agentperf.stop(), this.#agentperf.stderr).toBe(0)
    await something()
    this.#agentperf = this.#collector()
    await this.#agentperf.ready()
  }

  #lastOf(sessionId: string): LedgerLine {
    const line = ledgerOf(this.directory).findLast(({ session_id }) => session_id === sessionId)
    if (line === undefined) throw new Error(`${sessionId} is not in the ledger: ${this.#agentperf.stderr}`)
    return line
  }

  #collector(): AgentperfProcess {
    const { directory, home } = this
    const { sources, sets = [] } = this.#options
    return new AgentperfProcess({ directory, input: directory, home, sets: [...setsOf(sources), ...sets] })
  }
}

/** What the model says that its answers came to. */
export function usageOf(answered: readonly Answered[]): Totals {
  const sum = (count: (answer: Answered) => number): number =>
    answered.reduce((total, answer) => total + count(answer), 0)
  return {
    fresh_input_tokens: sum(({ usage }) => usage.input_tokens),
    cache_creation_tokens: sum(({ usage }) => usage.cache_creation_input_tokens),
    cache_read_tokens: sum(({ usage }) => usage.cache_read_input_tokens),
    output_tokens: sum(({ usage }) => usage.output_tokens),
    model_calls: answered.length,
  }
}
