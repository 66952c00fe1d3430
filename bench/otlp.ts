import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { builtCommand } from './built-command.ts'
import { median } from './medians.ts'
import { ITEMS_PER_REQUEST, REQUESTS_PER_SESSION } from './otlp-requests.ts'
import { type Subject, startAgentperf, startCollector } from './otlp-subjects.ts'
import { type Load, type Sent, sentSchema } from './programs/sent.ts'
import { resultOf, runProgram } from './run-program.ts'
import { megabytes, milliseconds, printTable, ratio } from './table.ts'
import { stateFolder, type WorkFolder } from './work-folder.ts'

/** Where the binary of an OpenTelemetry Collector lies. */
const COLLECTOR = 'AGENTPERF_BENCH_COLLECTOR'

/** So many that what is measured is hardly the compiling of what the first ones need: about a second. */
const REQUESTS = 4500
const ROUNDS = 3
const CONNECTIONS = 8
const OVERLOAD_CONNECTIONS = 64

const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const GZIP = { 'content-encoding': 'gzip' }
const HEADERS = {
  protobuf: PROTOBUF,
  'protobuf-gzip': { ...PROTOBUF, ...GZIP },
  'json-gzip': { 'content-type': 'application/json', ...GZIP },
} as const
const FORMS = ['protobuf', 'protobuf-gzip', 'json-gzip'] as const
const SIGNALS = ['traces', 'logs'] as const

type Form = (typeof FORMS)[number]
type Signal = (typeof SIGNALS)[number]
type Start = (directory: string) => Promise<Subject>

interface Run {
  readonly sent: Sent
  readonly cpuMs: number
  readonly maxRssBytes: number
}

/** OTLP over HTTP to finished sessions, next to an OpenTelemetry Collector that receives the same and drops it. */
export async function benchOtlp(folder: WorkFolder): Promise<void> {
  const binary = process.env[COLLECTOR] ?? ''
  if (!existsSync('/proc/self/stat')) return skip('it measures processes with /proc, which only Linux has')
  if (!existsSync(binary)) return skip(`${COLLECTOR} names no OpenTelemetry Collector`)
  const command = await builtCommand(folder.path)
  await runProgram(folder.programs, 'make-otlp', [folder.path, String(REQUESTS)])
  const agentperf: Start = (directory) => startAgentperf(command, directory)
  const collector: Start = (directory) => startCollector(binary, directory)
  await benchThroughput(folder, agentperf, collector)
  await benchOverload(folder, agentperf, collector)
}

function skip(reason: string): void {
  process.stdout.write(`\notlp: SKIPPED, ${reason}\n`)
}

async function benchThroughput(folder: WorkFolder, agentperf: Start, collector: Start): Promise<void> {
  const efficiency: string[][] = []
  const answers: string[][] = []
  for (const signal of SIGNALS) {
    for (const form of FORMS) {
      const load = (more: Partial<Load> = {}): Omit<Load, 'url'> => ({ ...loadOf(folder, [signal], form), ...more })
      const ours: Run[] = []
      const theirs: Run[] = []
      for (let round = 0; round < ROUNDS; round++) {
        theirs.push(await run(folder, collector, load()))
        ours.push(await run(folder, agentperf, load()))
      }
      const name = `${signal}, ${form}`
      efficiency.push(...efficiencyRows(name, theirs, ours))
      // One thread serves all: what it can do in a second of its time is the most.
      const perSecond = (REQUESTS / median(ours.map(({ cpuMs }) => cpuMs))) * 500
      const paced = await run(folder, agentperf, load({ perSecond, connections: OVERLOAD_CONNECTIONS }))
      const { medianMs, p99Ms, refused } = paced.sent
      const rate = `${Math.round(perSecond)}/s`
      answers.push([
        name,
        rate,
        milliseconds(medianMs),
        milliseconds(p99Ms),
        `${refused}`,
        megabytes(paced.maxRssBytes),
      ])
    }
  }
  const items = `${REQUESTS} requests of ${ITEMS_PER_REQUEST}, sessions of ${REQUESTS_PER_SESSION * ITEMS_PER_REQUEST}`
  printTable(
    `otlp: ${items}, medians of ${ROUNDS}`,
    ['', 'per CPU s', 'CPU', 'items per CPU s', 'ratio CPU', 'sessions per CPU s', 'max RSS'],
    efficiency,
  )
  printTable(
    'otlp: answers at half of the highest rate',
    ['', 'requests', 'median', 'p99', 'refused', 'max RSS'],
    answers,
  )
}

function efficiencyRows(name: string, theirs: readonly Run[], ours: readonly Run[]): string[][] {
  const cpuOf = (runs: readonly Run[]): number => median(runs.map(({ cpuMs }) => cpuMs))
  const row = (subject: string, runs: readonly Run[], sessions: string): string[] => [
    `${name}: ${subject}`,
    `${Math.round((REQUESTS * 1000) / cpuOf(runs))}`,
    milliseconds(cpuOf(runs)),
    `${Math.round((REQUESTS * ITEMS_PER_REQUEST) / cpuOf(runs))} k`,
    ratio(cpuOf(theirs) / cpuOf(runs)),
    sessions,
    megabytes(median(runs.map(({ maxRssBytes }) => maxRssBytes))),
  ]
  const sessions = `${Math.round((REQUESTS * 1000) / REQUESTS_PER_SESSION / cpuOf(ours))}`
  return [row('Collector', theirs, ''), row('agentperf', ours, sessions)]
}

/** All forms and signals at once, from more senders than can be served. */
async function benchOverload(folder: WorkFolder, agentperf: Start, collector: Start): Promise<void> {
  const rows: string[][] = []
  for (const form of FORMS) {
    const load = { ...loadOf(folder, SIGNALS, form), connections: OVERLOAD_CONNECTIONS, patient: false }
    for (const [subject, start] of [
      ['Collector', collector],
      ['agentperf', agentperf],
    ] as const) {
      const { sent, maxRssBytes } = await run(folder, start, load)
      const { accepted, refused, medianMs, p99Ms, wallMs } = sent
      rows.push([
        `${form}: ${subject}`,
        `${accepted}`,
        `${refused}`,
        milliseconds(wallMs),
        milliseconds(medianMs),
        milliseconds(p99Ms),
        megabytes(maxRssBytes),
      ])
    }
  }
  printTable(
    `otlp: overload, ${OVERLOAD_CONNECTIONS} connections without a pause, refused requests are sent again`,
    ['', 'accepted', '503', 'wall', 'median', 'p99', 'max RSS'],
    rows,
  )
}

function loadOf({ path }: WorkFolder, signals: readonly Signal[], form: Form): Omit<Load, 'url'> {
  const files = signals.map((signal) => ({ path: join(path, `${signal}-${form}`), signal, headers: HEADERS[form] }))
  return { files, connections: CONNECTIONS, patient: true }
}

/** Sends a load to a fresh process, and waits until all its sessions are finished. */
async function run(folder: WorkFolder, start: Start, load: Omit<Load, 'url'>): Promise<Run> {
  const subject = await start(await stateFolder(folder))
  try {
    const beforeMs = subject.cpuMs()
    const sent = sentSchema.parse(
      await resultOf(folder.programs, 'send-otlp', [JSON.stringify({ ...load, url: subject.url })]),
    )
    // A paced load is sent once, whatever is refused of it.
    if (load.perSecond === undefined) await subject.settled((REQUESTS * load.files.length) / REQUESTS_PER_SESSION)
    return { sent, cpuMs: subject.cpuMs() - beforeMs, maxRssBytes: subject.maxRssBytes() }
  } finally {
    await subject.stop()
  }
}
