import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { builtCommand } from './built-command.ts'
import { median } from './medians.ts'
import { ITEMS_PER_REQUEST } from './otlp-requests.ts'
import { type Passer, Sink, startCollectorPasser, startPasser } from './passthrough-subjects.ts'
import { type Load, type Sent, sentSchema } from './programs/sent.ts'
import { resultOf, runProgram } from './run-program.ts'
import { megabytes, milliseconds, printTable, ratio } from './table.ts'
import { stateFolder, type WorkFolder } from './work-folder.ts'

/** Where the binary of an OpenTelemetry Collector lies; without one agentperf is measured alone. */
const COLLECTOR = 'AGENTPERF_BENCH_COLLECTOR'

const REQUESTS = 300
/** Each round sends the requests so often: agentperf warms up. */
const REPEATS = 2
const ROUNDS = 3
const CONNECTIONS = 8
const QUEUE_BYTES = 2 ** 30

const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_GZIP = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
const FORMS = { protobuf: PROTOBUF, 'json-gzip': JSON_GZIP } as const
const SIGNALS = ['traces', 'logs'] as const

type Start = (directory: string, to: string) => Promise<Passer>

interface Run {
  readonly wallMs: number
  readonly cpuMs: number
  readonly maxRssBytes: number
}

/** OTLP in and on to a sink, next to an OpenTelemetry Collector on the same requests. */
export async function benchPassthrough(folder: WorkFolder): Promise<void> {
  if (!hasProc('passthrough')) return
  const binary = process.env[COLLECTOR] ?? ''
  const hasCollector = existsSync(binary)
  if (!hasCollector)
    process.stdout.write(`\npassthrough: ${COLLECTOR} names no OpenTelemetry Collector: agentperf alone\n`)
  const command = await builtCommand(folder.path)
  await runProgram(folder.programs, 'make-otlp', [folder.path, String(REQUESTS)])
  const subjects = new Map<string, Start>()
  if (hasCollector) subjects.set('Collector', (at, to) => startCollectorPasser(binary, at, to))
  subjects.set('agentperf, redact: off', (at, to) => startPasser(command, at, to, 'nothing masked'))
  subjects.set('agentperf, redact', (at, to) => startPasser(command, at, to, 'redact'))
  await benchThroughput(folder, subjects)
}

/** What memory agentperf takes while the other side is away for long: until its queue has 1 GiB, and until all of it is sent. */
export async function benchQueue(folder: WorkFolder): Promise<void> {
  if (!hasProc('queue')) return
  const command = await builtCommand(folder.path)
  await runProgram(folder.programs, 'make-otlp', [folder.path, String(REQUESTS)])
  await growAndSend(folder, command)
}

function hasProc(name: string): boolean {
  if (existsSync('/proc/self/stat')) return true
  process.stdout.write(`\n${name}: SKIPPED, it measures processes with /proc, which only Linux has\n`)
  return false
}

async function benchThroughput(folder: WorkFolder, subjects: ReadonlyMap<string, Start>): Promise<void> {
  const rows: string[][] = []
  const items = REQUESTS * REPEATS * ITEMS_PER_REQUEST
  for (const signal of SIGNALS) {
    for (const form of ['protobuf', 'json-gzip'] as const) {
      const runs = new Map<string, Run[]>([...subjects.keys()].map((name) => [name, []]))
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, start] of subjects)
          runs.get(name)?.push(await passAll(folder, start, loadOf(folder, signal, form)))
      }
      const [first] = runs.values()
      const cpuOf = (of: readonly Run[]): number => median(of.map(({ cpuMs }) => cpuMs))
      for (const [name, of] of runs) {
        rows.push([
          `${signal}, ${form}: ${name}`,
          `${Math.round(items / median(of.map(({ wallMs }) => wallMs)))} k`,
          milliseconds(cpuOf(of)),
          `${Math.round(items / cpuOf(of))} k`,
          ratio(cpuOf(first ?? []) / cpuOf(of)),
          megabytes(median(of.map(({ maxRssBytes }) => maxRssBytes))),
        ])
      }
    }
  }
  printTable(
    `passthrough: ${REQUESTS * REPEATS} requests of ${ITEMS_PER_REQUEST}, medians of ${ROUNDS}; agentperf's queue is on disk, the Collector's in memory`,
    ['', 'items per s', 'CPU', 'items per CPU s', 'ratio CPU', 'max RSS'],
    rows,
  )
}

function loadOf({ path }: WorkFolder, signal: (typeof SIGNALS)[number], form: keyof typeof FORMS): Omit<Load, 'url'> {
  const file = { path: join(path, `${signal}-${form}`), signal, headers: FORMS[form] }
  return { files: [file], connections: CONNECTIONS, patient: true }
}

/** Sends a load through a fresh process, and waits until the sink has all of it. */
async function passAll(folder: WorkFolder, start: Start, load: Omit<Load, 'url'>): Promise<Run> {
  const sink = new Sink()
  const subject = await start(await stateFolder(folder), await sink.start())
  try {
    const beforeMs = subject.cpuMs()
    const startMs = performance.now()
    for (let repeat = 1; repeat <= REPEATS; repeat++) await send(folder, subject, load)
    await sink.untilTaken(REQUESTS * REPEATS)
    const wallMs = performance.now() - startMs
    return { wallMs, cpuMs: subject.cpuMs() - beforeMs, maxRssBytes: subject.maxRssBytes() }
  } finally {
    await subject.stop()
    await sink.stop()
  }
}

async function growAndSend(folder: WorkFolder, command: string): Promise<void> {
  const sink = new Sink()
  sink.open = false
  const subject = await startPasser(command, await stateFolder(folder), await sink.start(), 'nothing masked')
  const rows: string[][] = []
  let nextBytes = QUEUE_BYTES / 8
  let sentRequests = 0
  const note = async (name: string): Promise<number> => {
    const metrics = await (await fetch(subject.metricsUrl ?? '')).text()
    const waiting = figureIn(metrics, 'agentperf_exporter_queue_used_bytes')
    rows.push([
      name,
      `${figureIn(metrics, 'agentperf_exporter_queue_size')}`,
      megabytes(waiting),
      megabytes(figureIn(metrics, 'agentperf_process_memory_rss_bytes')),
    ])
    return waiting
  }
  try {
    for (let waiting = 0; waiting < QUEUE_BYTES; ) {
      const { accepted } = await send(folder, subject, loadOf(folder, 'traces', 'protobuf'))
      sentRequests += accepted
      const metrics = await (await fetch(subject.metricsUrl ?? '')).text()
      waiting = figureIn(metrics, 'agentperf_exporter_queue_used_bytes')
      if (waiting < nextBytes) continue
      await note('the other side is away')
      nextBytes *= 2
    }
    sink.open = true
    const startMs = performance.now()
    await sink.untilTaken(sentRequests)
    await note(`all was sent, in ${Math.round((performance.now() - startMs) / 1000)} s`)
  } finally {
    await subject.stop()
    await sink.stop()
  }
  printTable('queue: it grows to 1 GiB while the other side is away', ['', 'requests', 'queue', 'RSS'], rows)
}

async function send(folder: WorkFolder, { url }: Passer, load: Omit<Load, 'url'>): Promise<Sent> {
  return sentSchema.parse(await resultOf(folder.programs, 'send-otlp', [JSON.stringify({ ...load, url })]))
}

function figureIn(metrics: string, name: string): number {
  const [, figure = ''] = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(metrics) ?? []
  return Number(figure)
}
