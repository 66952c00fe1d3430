import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { builtCommand } from './built-command.ts'
import { median } from './medians.ts'
import { runProgram } from './run-program.ts'
import { milliseconds, printTable } from './table.ts'
import type { WorkFolder } from './work-folder.ts'

const ROUNDS = 11
const SESSIONS = 1e5
const READY = 'Everything is ready'

/** How long commands of the built bundle take, against a Node that does nothing. */
export async function benchStart({ path, programs }: WorkFolder): Promise<void> {
  const agentperf = await builtCommand(path)
  const full = join(path, 'full')
  await runProgram(programs, 'make-ledger', [full, String(SESSIONS)])
  const nothing = join(path, 'nothing')
  await mkdir(nothing)
  const run = (directory: string): readonly string[] => [
    ...[agentperf, 'run', '--set', `receivers.jsonl_file.include=${JSON.stringify([join(nothing, '*.jsonl')])}`],
    ...['--set', `receivers.transcripts.include=${JSON.stringify([join(nothing, '*.jsonl')])}`],
    ...['--set', 'service.admin.endpoint=127.0.0.1:0', '--set', 'receivers.otlp.protocols.http.endpoint=127.0.0.1:0'],
    ...['--set', 'receivers.claude_hooks.endpoint=127.0.0.1:0'],
    ...['--set', 'receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0'],
    ...['--set', `service.storage.directory=${directory}`],
  ]
  const contenders: readonly (readonly [name: string, take: (round: number) => Promise<number>])[] = [
    ['node -e 0', () => untilExit(['-e', '0'])],
    ['agentperf --help', () => untilExit([agentperf, '--help'])],
    ['agentperf run, empty state', (round) => untilReady(run(join(path, `empty-${round}`)))],
    [`agentperf run, ${SESSIONS} sessions`, () => untilReady(run(full))],
  ]
  const times = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, take] of contenders) times.set(name, [...(times.get(name) ?? []), await take(round)])
  }
  const medians = [...times].map(([name, values]) => [name, median(values)] as const)
  const bareMs = medians[0]?.[1] ?? Number.NaN
  const rows = medians.map(([name, ms]) => [name, milliseconds(ms), milliseconds(ms - bareMs)])
  printTable(`start: wall time of the built bundle, medians of ${ROUNDS}`, ['', 'until done', 'over bare node'], rows)
}

async function untilExit(argv: readonly string[]): Promise<number> {
  const startMs = performance.now()
  const child = spawn(process.execPath, argv, { stdio: 'ignore' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`node ${argv.join(' ')} ended with ${code}`)
  return performance.now() - startMs
}

/** Until it says that it is ready; it is stopped then. */
async function untilReady(argv: readonly string[]): Promise<number> {
  const startMs = performance.now()
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  const closed = once(child, 'close')
  let said = ''
  let readyMs = Number.NaN
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (!Number.isNaN(readyMs) || !said.includes(READY)) return
    readyMs = performance.now() - startMs
    child.kill('SIGTERM')
  })
  await closed
  if (Number.isNaN(readyMs)) throw new Error(`agentperf was never ready: ${said}`)
  return readyMs
}
