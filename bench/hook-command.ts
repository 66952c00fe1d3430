import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { commandHook } from '#src/cli/claude-hook-command.ts'
import { openStore } from '#src/store/open-store.ts'
import { eventOf } from '#src/suggestion/suggestion-event.fixture.ts'
import { milliseconds, printTable, ratio } from './table.ts'
import type { WorkFolder } from './work-folder.ts'

const STARTS = 200
const WARM_UP_STARTS = 10
/** As the hook's, but for what goes with its headers. */
const CURL_ARGS = [
  '-q',
  '-sf',
  '--noproxy',
  '*',
  '-m',
  '1',
  '-H',
  'content-type: application/json',
  '--data-binary',
  '@-',
]
const PIPELINES = resolve(import.meta.dirname, '../pipelines.yaml')

/** What a session waits for at its start: the command that `install` writes, against curl alone, both answered by agentperf. */
export async function benchHookCommand({ path, programs }: WorkFolder): Promise<void> {
  const state = join(path, 'state')
  await mkdir(state)
  await fillWithProven(state)
  const server = spawn(process.execPath, [join(programs, 'serve-hooks.mjs'), state, PIPELINES], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(server, 'close')
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]()
  const { value: url = '' } = await lines.next()
  const hook = commandHook(url)
  if (hook.type !== 'command') throw new Error('expected a command')
  const contenders = [
    { name: 'curl alone', command: ['curl', ...CURL_ARGS, url], tookMs: [] as number[] },
    { name: 'the command of a hook', command: ['/bin/sh', '-c', hook.command], tookMs: [] as number[] },
  ]
  for (let n = -WARM_UP_STARTS; n < STARTS; n++) {
    // In turn, so that both get the same share of whatever else the machine does.
    for (const { name, command, tookMs } of contenders) {
      const ms = await run(command, startOf(`${name}-${n}`))
      if (n >= 0) tookMs.push(ms)
    }
  }
  server.stdin.end()
  await closed
  const sorted = contenders.map(({ name, tookMs }) => ({ name, tookMs: tookMs.toSorted((a, b) => a - b) }))
  const at = (tookMs: readonly number[], share: number): number =>
    tookMs[Math.floor(share * tookMs.length)] ?? Number.NaN
  const bareP95Ms = at(sorted[0]?.tookMs ?? [], 0.95)
  const rows = sorted.map(({ name, tookMs }) => [
    name,
    ...[at(tookMs, 0.5), at(tookMs, 0.95), tookMs.at(-1) ?? Number.NaN].map(milliseconds),
    ratio(at(tookMs, 0.95) / bareP95Ms),
  ])
  printTable(`hook-command: ${STARTS} starts of a session`, ['', 'p50', 'p95', 'worst', 'ratio of p95'], rows)
}

/** What is proven is told to every session. */
async function fillWithProven(directory: string): Promise<void> {
  const store = await openStore({ directory, mode: 'write', nowMs: Date.now })
  await store.suggestions.append((['proposed', 'activated', 'proven'] as const).map(eventOf))
  await store.close()
}

/** @returns milliseconds until it has ended */
async function run([command = '', ...args]: readonly string[], event: string): Promise<number> {
  const startMs = performance.now()
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  child.stdin.end(event)
  const printed = await text(child.stdout)
  const [code] = await closed
  const tookMs = performance.now() - startMs
  if (code !== 0 || !printed.includes('additionalContext')) {
    throw new Error(`expected what there is to tell a session, got ${code} and ${printed.length} characters`)
  }
  return tookMs
}

/** A body as Claude Code has it for a command at the start of a session. */
function startOf(sessionId: string): string {
  return JSON.stringify({
    session_id: sessionId,
    transcript_path: `/home/ada/.claude/projects/-home-ada-work/${sessionId}.jsonl`,
    cwd: '/home/ada/work',
    hook_event_name: 'SessionStart',
    source: 'startup',
    agent_type: 'reviewer',
  })
}
