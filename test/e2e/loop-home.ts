import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import type { SuggestionEvent } from '#src/model/suggestion.ts'
import { openStore } from '#src/store/open-store.ts'
import { AgentperfProcess, until } from '../crash/agentperf-process.ts'
import { ledgerOf } from '../crash/outputs.ts'
import { ClaudeProcess, type ClaudeResult } from './claude-process.ts'
import { ModelApi, type Script } from './model-api.ts'

const runFile = promisify(execFile)

const REPOSITORY = resolve(import.meta.dirname, '../..')
const MAIN = join(REPOSITORY, 'src/main.ts')
const SETTLED_WITHIN_MS = 60_000

export interface LoopHomeOptions {
  readonly scripts: Readonly<Record<string, Script>>
  /** The client's settings before anything is installed. */
  readonly settings: string
  readonly agent: { readonly name: string; readonly text: string }
  /** What the ledger has before. */
  readonly seeded: readonly LedgerLine[]
  /** Further settings of agentperf. */
  readonly sets: readonly string[]
}

/** A throw-away home into which agentperf is installed, as a user would, with the real client and an agent of the user's. */
export class LoopHome {
  readonly home: string
  readonly api: ModelApi
  readonly #options: LoopHomeOptions
  /** Where it takes in hooks and telemetry. */
  ports: readonly number[] = []
  #agentperf: AgentperfProcess | undefined
  #modelUrl = ''
  /** Settings of every command: where `run` listens. */
  #sets: readonly string[] = []

  private constructor(home: string, options: LoopHomeOptions) {
    this.home = home
    this.api = new ModelApi(options.scripts)
    this.#options = options
  }

  /** Everything is ended and removed when the test is over. */
  static async start(options: LoopHomeOptions): Promise<LoopHome> {
    const home = await mkdtemp(join(tmpdir(), 'agentperf-loop-'))
    const loop = new LoopHome(home, options)
    onTestFinished(async () => {
      await loop.#agentperf?.kill()
      await loop.api.stop()
      await rm(home, { recursive: true, force: true })
    })
    for (const folder of ['.claude/agents', 'work']) mkdirSync(join(home, folder), { recursive: true })
    writeFileSync(loop.settingsPath, options.settings)
    writeFileSync(loop.agentPath, options.agent.text)
    loop.#modelUrl = await loop.api.start()
    await loop.#seed()
    const agentperf = new AgentperfProcess({ directory: loop.directory, input: home, home, sets: options.sets })
    loop.#agentperf = agentperf
    await agentperf.ready()
    const [hooks, otlp] = ['takes in hook events', 'takes in OTLP'].map((said) => new URL(agentperf.urlOf(said)))
    loop.ports = [Number(hooks?.port), Number(otlp?.port)]
    loop.#sets = [
      ...options.sets,
      `receivers.claude_hooks.endpoint=${hooks?.host}`,
      `receivers.otlp.protocols.http.endpoint=${otlp?.host}`,
    ]
    return loop
  }

  get directory(): string {
    return join(this.home, '.claude', 'telemetry')
  }

  get settingsPath(): string {
    return join(this.home, '.claude', 'settings.json')
  }

  get agentPath(): string {
    return join(this.home, '.claude', 'agents', `${this.#options.agent.name}.md`)
  }

  /** Starts a session of the agent. @returns what the client printed in the end */
  prompt(prompt: string): Promise<ClaudeResult> {
    const place = { home: this.home, modelUrl: this.#modelUrl, env: {} }
    const claude = new ClaudeProcess(place, prompt, ['--agent', this.#options.agent.name])
    onTestFinished(() => claude.kill())
    return claude.result()
  }

  /** A session of the agent, until it is assessed and what it says about suggestions is on record. @returns its ledger line */
  async session(prompt: string): Promise<LedgerLine> {
    const { session_id: id, is_error } = await this.prompt(prompt)
    expect(is_error).toBe(false)
    const lastOf = (): LedgerLine | undefined => ledgerOf(this.directory).findLast((line) => line.session_id === id)
    const isThere = (): boolean => lastOf()?.agent_type === this.#options.agent.name
    await until(isThere, 'the session is assessed', this.#agentperf, SETTLED_WITHIN_MS)
    const line = lastOf()
    if (line === undefined) throw new Error(`${id} has gone from the ledger`)
    return line
  }

  /** Waits for events about suggestions. */
  async told(condition: (events: readonly SuggestionEvent[]) => boolean, what: string): Promise<void> {
    await until(() => condition(this.events()), what, this.#agentperf, SETTLED_WITHIN_MS)
  }

  events(): readonly SuggestionEvent[] {
    const path = join(this.directory, 'history', 'suggestions.jsonl')
    if (!existsSync(path)) return []
    const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    return whole.map((line) => JSON.parse(line))
  }

  /** A command of agentperf, with the client in its path. @returns what it printed */
  async command(...args: readonly string[]): Promise<string> {
    const settings = this.#sets.flatMap((set) => ['--set', set])
    const config = ['--config', join(REPOSITORY, 'pipelines.yaml')]
    const claude = dirname(process.env.AGENTPERF_E2E_CLAUDE ?? '')
    const { stdout } = await runFile(process.execPath, [MAIN, ...args, ...config, ...settings], {
      cwd: this.home,
      env: { HOME: this.home, PATH: [claude, process.env.PATH].join(delimiter) },
    })
    return stdout
  }

  async stop(): Promise<void> {
    expect(await this.#agentperf?.stop(), this.#agentperf?.stderr).toBe(0)
  }

  async #seed(): Promise<void> {
    const store = await openStore({ directory: this.directory, mode: 'write', nowMs: () => Date.now() })
    await store.commit(this.#options.seeded.map((line) => ({ line, live: false })))
    await store.close()
  }
}
