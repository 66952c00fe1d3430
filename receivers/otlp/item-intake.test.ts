import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { OtlpEncoding, OtlpRequest, OtlpSignal } from '#src/model/otlp-request.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import type { ByteHold } from '#src/net/byte-budget.ts'
import { NOW_MS } from '#src/net/running-receiver.fixture.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { Decompressor } from './decompress.ts'
import { ItemIntake } from './item-intake.ts'
import { nanoseconds } from './receiver.fixture.ts'

const TEXT = 'x'.repeat(100)

interface Accepted {
  readonly items: readonly Telemetry[]
  readonly hold: ByteHold
}

function intakeInto(accepted: Accepted[], passed?: OtlpRequest[]): ItemIntake {
  return new ItemIntake({
    queueBytes: 2 ** 20,
    accept: (items, hold) => accepted.push({ items, hold }),
    passing: passed && { pass: async (request) => void passed.push(request) },
    onPassed() {},
    onNotPassed() {},
    onSkipped() {},
    onImplausible() {},
    now: () => NOW_MS,
  })
}

/** A request as one that came over the network: in memory of its own. */
function bodyOf(spanCount: number): Buffer {
  const attributes = [{ key: 'text', value: { stringValue: TEXT } }]
  const spans = Array.from({ length: spanCount }, () => ({ startTimeUnixNano: nanoseconds(NOW_MS), attributes }))
  const encoded = encodeProtobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] })
  const body = Buffer.allocUnsafeSlow(encoded.length)
  body.set(encoded)
  return body
}

test.for([
  ['as it came', async (body: Buffer) => body],
  ['unpacked', (body: Buffer) => new Decompressor(2 ** 20).run(gzipSync(body), 'gzip')],
] as const)(
  'items can be read until their hold is released; then their memory is given back: %s',
  async ([_, received]) => {
    const accepted: Accepted[] = []
    const intake = intakeInto(accepted)
    const body = await received(bodyOf(300))
    if (!Buffer.isBuffer(body)) throw new Error(body)
    await intake.take('traces', body, 'protobuf', intake.open())
    const [{ items, hold } = { items: [], hold: intake.open() }] = accepted
    expect(items[0]?.attributes).toEqual({ text: TEXT })
    expect(body.buffer.byteLength).toBeGreaterThan(16_384)
    hold.release()
    expect(body.buffer.byteLength).toBe(0)
    expect(() => items[1]?.attributes).toThrow()
  },
)

test('memory that a small body may share with others stays', async () => {
  const accepted: Accepted[] = []
  const intake = intakeInto(accepted)
  await intake.take('traces', bodyOf(3), 'protobuf', intake.open())
  const [first] = accepted
  first?.hold.release()
  expect(first?.items[0]?.attributes).toEqual({ text: TEXT })
})

const UNKNOWN_METRIC = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', unknownKind: {} }] }] }] }

test.for<{ what: string; signal: OtlpSignal; encoding: OtlpEncoding; body: Buffer }>([
  { what: 'names in snake case', ...json('logs', { resource_logs: [{ scope_logs: [{ log_records: [{}] }] }] }) },
  { what: 'records in snake case', ...json('logs', { resourceLogs: [{ scopeLogs: [{ log_records: [{}] }] }] }) },
  { what: 'an unknown kind of metric', ...json('metrics', UNKNOWN_METRIC) },
  { what: 'an unknown field', signal: 'traces', encoding: 'protobuf', body: Buffer.from([0xfa, 0x3f, 3, 1, 2, 3]) },
])('a request in which nothing is recognised is passed on as it came: $what', async ({ signal, encoding, body }) => {
  const passed: OtlpRequest[] = []
  const intake = intakeInto([], passed)
  expect(await intake.take(signal, body, encoding, intake.open())).toEqual({ accepted: { encoding, rejected: 0 } })
  expect(passed).toEqual([{ signal, encoding, body, items: 0 }])
})

test.for<{ encoding: OtlpEncoding; text: string }>([
  { encoding: 'protobuf', text: '' },
  { encoding: 'json', text: '{}' },
  { encoding: 'json', text: ' {\n} ' },
])('an empty request is not passed on: $encoding «$text»', async ({ encoding, text }) => {
  const passed: OtlpRequest[] = []
  const intake = intakeInto([], passed)
  const answer = await intake.take('logs', Buffer.from(text), encoding, intake.open())
  expect(answer).toEqual({ accepted: { encoding, rejected: 0 } })
  expect(passed).toEqual([])
})

function json(signal: OtlpSignal, request: object) {
  return { signal, encoding: 'json', body: Buffer.from(JSON.stringify(request)) } as const
}
