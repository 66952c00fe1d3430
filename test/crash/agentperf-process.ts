import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const SHIPPED = resolve(import.meta.dirname, '../../pipelines.yaml')
const READY = 'Everything is ready'

export interface RunPlace {
  /** Where state is kept. */
  readonly directory: string
  /** Where telemetry files lie. */
  readonly input: string
  /** Home of its user; the directory of the state where it is not told. */
  readonly home?: string
  /** Further settings, as `--set` takes them. */
  readonly sets?: readonly string[]
  /** Instead of the shipped pipelines.yaml. */
  readonly config?: string
}

// A test that fails must not leave its processes behind.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** `agentperf run` as a process of its own, which can be killed at any moment. */
export class AgentperfProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #stderr = ''

  constructor({ directory, input, home = directory, sets: further = [], config = SHIPPED }: RunPlace) {
    const sets = [
      `receivers.jsonl_file.include=${JSON.stringify([join(input, '*.jsonl')])}`,
      `service.storage.directory=${directory}`,
      'service.admin.endpoint=127.0.0.1:0',
      'receivers.otlp.protocols.http.endpoint=127.0.0.1:0',
      'receivers.claude_hooks.endpoint=127.0.0.1:0',
      'receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0',
      ...further,
    ]
    const argv = [MAIN, 'run', '--config', config, ...sets.flatMap((set) => ['--set', set])]
    this.#child = spawn(process.execPath, argv, {
      env: { PATH: process.env.PATH, HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    running.add(this.#child)
    this.#exited = once(this.#child, 'close').then(() => running.delete(this.#child))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** What it has said so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** The URL that it named with these words. */
  urlOf(said: string): string {
    const lines = this.#stderr.split('\n').filter((line) => line.startsWith('{'))
    const line = lines.map((text) => JSON.parse(text)).find(({ msg }) => msg === said)
    if (line === undefined) throw new Error(`agentperf never said «${said}»: ${this.#stderr}`)
    return line.url
  }

  ready(): Promise<void> {
    return this.says(READY)
  }

  /** Resolves when it has said so. */
  async says(text: string): Promise<void> {
    await until(() => this.#stderr.includes(text) || !this.running, `agentperf says ${JSON.stringify(text)}`, this)
    if (!this.#stderr.includes(text)) throw new Error(`agentperf ended before it said «${text}»: ${this.#stderr}`)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** Asks it to stop. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return await this.exit()
  }

  async exit(): Promise<number | null> {
    await this.#exited
    return this.#child.exitCode
  }
}

/** Polls until a condition holds. @throws with what the process said when it takes too long */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  agentperf?: AgentperfProcess,
  timeoutMs = 120_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}\n${agentperf?.stderr}`)
    await sleep(1)
  }
}
