import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '#src/net/running-receiver.fixture.ts'
import { bytesField } from '#src/otlp/wire.fixture.ts'
import { AgentperfProcess } from '../crash/agentperf-process.ts'

const MIB = 2 ** 20
/** What one takes is not given back before garbage is collected: several of the largest bodies may be there at once. */
const MAX_RSS_MIB = 500
const LARGE = 60 * MIB

const JSON_TYPE = 'application/json'
const PROTOBUF_TYPE = 'application/x-protobuf'

interface Hostile {
  readonly what: string
  readonly body: Buffer
  readonly status: 200 | 400
  /** Absent: JSON. */
  readonly type?: string
}

/** The same again and again between a beginning and an end. */
function repeated(before: string, part: string, after: string, bytes = LARGE): Buffer {
  return Buffer.concat([Buffer.from(before), Buffer.alloc(bytes - (bytes % part.length), part), Buffer.from(after)])
}

// A name with an escape: `JSON.parse` must look at such requests.
const UNUSUAL = String.raw`{"\u0061":[`
const POINTS = ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[', '{}]}}]}]}]}'] as const
const LIST = [
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"arrayValue":{"values":[',
  '{}]}}}]}]}]}',
] as const

/** More than are kept to be shared. */
const TEXTS = Array.from({ length: 2 ** 16 }, (_, n) => `${n}`)
const JSON_TEXTS = TEXTS.map((text) => `{"stringValue":"${text}"},`).join('')
const ELEMENTS = Buffer.concat(TEXTS.map((text) => bytesField(1, bytesField(1, text))))

/** A log record whose body is a list, in protobuf. */
function listOf(elements: Buffer): Buffer {
  return bytesField(1, bytesField(2, bytesField(2, bytesField(5, bytesField(5, elements)))))
}

const HOSTILE: readonly (() => Hostile)[] = [
  () => ({ what: 'numbers', body: repeated('{"resourceMetrics":[],"a":[', '1,', '1]}'), status: 200 }),
  () => ({ what: 'objects', body: repeated('{"resourceMetrics":[', '{"aaaaaa":1},', '{}]}'), status: 200 }),
  () => ({ what: 'unusual numbers', body: repeated(UNUSUAL, '1,', '1]}'), status: 400 }),
  () => ({ what: 'fewer unusual numbers', body: repeated(UNUSUAL, '1,', '1]}', 3 * MIB), status: 200 }),
  () => ({ what: 'unusual objects', body: repeated(UNUSUAL, '{"aaaaaa":1},', '1]}', 5 * MIB), status: 200 }),
  () => ({ what: 'points', body: repeated(POINTS[0], '{"asInt":"1"},', POINTS[1]), status: 400 }),
  () => ({ what: 'texts', body: repeated(LIST[0], JSON_TEXTS, LIST[1]), status: 400 }),
  () => ({
    what: 'texts in protobuf',
    body: listOf(Buffer.alloc(32 * ELEMENTS.length, ELEMENTS)),
    status: 400,
    type: PROTOBUF_TYPE,
  }),
]

async function post(url: string, body: Buffer, type: string): Promise<number> {
  const headers = { 'content-type': type, 'content-encoding': 'gzip' }
  return (await fetch(`${url}/v1/logs`, { method: 'POST', headers, body: Buffer.from(body) })).status
}

function highestRssMib(pid: number | undefined): number {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib) / 1024)
}

test.runIf(process.platform === 'linux')(
  `no request takes agentperf over ${MAX_RSS_MIB} MiB (told by /proc)`,
  async () => {
    const directory = await temporaryFolder()
    const agentperf = new AgentperfProcess({ directory, input: directory })
    onTestFinished(() => agentperf.kill())
    await agentperf.ready()
    const url = agentperf.urlOf('takes in OTLP')
    const afterEach: Record<string, number> = {}
    for (const make of HOSTILE) {
      const { what, body, status, type = JSON_TYPE } = make()
      const packed = gzipSync(body, { level: 1 })
      expect({ what, status: await post(url, packed, type) }).toEqual({ what, status })
      afterEach[what] = highestRssMib(agentperf.pid)
    }
    expect(Object.entries(afterEach).filter(([, mib]) => mib > MAX_RSS_MIB)).toEqual([])
  },
)
