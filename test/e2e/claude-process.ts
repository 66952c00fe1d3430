import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** Where a client works: its home, and what it talks to. */
export interface ClaudePlace {
  readonly home: string
  readonly modelUrl: string
  /** Added to its environment: switches of its telemetry. */
  readonly env: Readonly<Record<string, string>>
  /** Hooks as its settings have them; settings that are there stay where none are given. */
  readonly hooks?: Readonly<Record<string, unknown>>
}

/** What it prints in the end, as far as it is looked at. */
export interface ClaudeResult {
  readonly session_id: string
  readonly is_error: boolean
  readonly total_cost_usd: number
}

const API_KEY = 'not-a-secret-but-a-stand-in'
const TOOLS = ['Bash', 'Read', 'Write', 'Edit', 'Agent']

// A test that fails must not leave its processes behind.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The real Claude Code as a process that answers one prompt. */
export class ClaudeProcess {
  readonly #child: ChildProcess
  readonly #output: Promise<readonly [string, string]>
  readonly #exited: Promise<unknown>

  constructor(place: ClaudePlace, prompt: string, args: readonly string[] = []) {
    const binary = process.env.AGENTPERF_E2E_CLAUDE
    if (binary === undefined)
      throw new Error('which client to run is not known: start this suite with npm run test:e2e')
    const cwd = prepare(place)
    this.#child = spawn(binary, ['-p', prompt, '--output-format', 'json', ...args], {
      cwd,
      env: environmentOf(place),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(this.#child)
    const { stdout, stderr } = this.#child
    if (stdout === null || stderr === null) throw new Error('it has no output')
    this.#output = Promise.all([text(stdout), text(stderr)])
    this.#exited = once(this.#child, 'close').then(() => running.delete(this.#child))
  }

  /** @returns what it printed */
  async result(): Promise<ClaudeResult> {
    await this.#exited
    const [stdout, stderr] = await this.#output
    try {
      return JSON.parse(stdout)
    } catch {
      throw new Error(`Claude Code ended with ${this.#child.exitCode}: ${stdout}${stderr}`)
    }
  }

  /** Asks it to stop. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}

/** @returns the folder that it works in */
function prepare({ home, hooks }: ClaudePlace): string {
  const work = join(home, 'work')
  for (const folder of [work, join(home, '.claude'), join(home, 'tmp')]) mkdirSync(folder, { recursive: true })
  if (hooks === undefined) return work
  const settings = { hooks, permissions: { allow: TOOLS } }
  writeFileSync(join(home, '.claude', 'settings.json'), JSON.stringify(settings))
  return work
}

function environmentOf({ home, modelUrl, env }: ClaudePlace): NodeJS.ProcessEnv {
  const temporary = join(home, 'tmp')
  return {
    HOME: home,
    PATH: process.env.PATH,
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TMPDIR: temporary,
    CLAUDE_CODE_TMPDIR: temporary,
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: API_KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    ...env,
  }
}
