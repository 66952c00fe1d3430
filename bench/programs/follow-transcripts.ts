import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { configSchema } from '#receivers/transcripts/config.ts'
import { transcripts } from '#receivers/transcripts/transcripts.ts'
import { openStore } from '#src/store/open-store.ts'

/** Follows transcripts that are read already, appends lines, and says how long each took to arrive. */

const APPENDS = 100
const PAUSE_MS = 30
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

const [input = '.', directory = '.'] = process.argv.slice(2)
const projects = join(input, 'projects')
const files = readdirSync(projects, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'))

const store = await openStore({ directory, mode: 'write', nowMs: () => Date.now() })
const scanned = Promise.withResolvers<void>()
let arrived = Promise.withResolvers<number>()

const receiver = transcripts.create(
  configSchema.parse({ include: [join(projects, '**/*.jsonl')] }),
  {
    id: 'transcripts',
    log: SILENT,
    now: () => Date.now(),
    items: { received() {}, settled() {}, holding() {}, unknownName() {}, noticed() {}, observe() {} },
    progress: {
      scanned: (startedAtMs) => {
        if (startedAtMs > 0) scanned.resolve()
      },
      scannedUntilMs: () => 0,
      onScanned: () => () => {},
      read() {},
    },
    store,
    decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
  },
  async () => arrived.resolve(performance.now()),
)
await receiver.start()
await scanned.promise

const delays: number[] = []
for (let n = 0; n < APPENDS; n++) {
  const path = join(projects, files[(n * 37) % files.length] ?? '')
  const line = anotherLine(path, n)
  arrived = Promise.withResolvers()
  await sleep(PAUSE_MS)
  const appendedMs = performance.now()
  appendFileSync(path, line)
  delays.push((await arrived.promise) - appendedMs)
}
await receiver.stop()
await store.close()
delays.sort((a, b) => a - b)
process.stdout.write(
  `${JSON.stringify({ medianMs: delays[APPENDS / 2], p95Ms: delays[Math.floor(APPENDS * 0.95)], maxMs: delays.at(-1) })}\n`,
)

/** The file's first line once more, as a line of its own. */
function anotherLine(path: string, n: number): string {
  const [first = ''] = readFileSync(path, 'utf8').split('\n', 1)
  return `${first.replace(/"uuid":"[^"]{8}/, () => `"uuid":"${String(n).padStart(8, '0')}`)}\n`
}
