import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttributeValue, LogRecord, MetricPoint, Span, Telemetry } from '#src/model/telemetry.ts'
import { type DecodedRequest, decodeJsonRequest } from './decode-json.ts'
import { type OtlpSignal, ProtobufDecoder } from './decode-protobuf.ts'
import { MAX_ITEMS } from './item-limit.ts'
import { encodeProtobuf } from './otlp-schema.fixture.ts'
import { REQUESTS } from './request.fixture.ts'
import { withWholeItems } from './whole-items.fixture.ts'
import {
  bytesField,
  fixed32Field,
  fixed64Field,
  groupField,
  nestedValue,
  requestWith,
  varint,
  varintField,
} from './wire.fixture.ts'

const SEED = 20_261_120
const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics']

const decoder = new ProtobufDecoder()

function decode(signal: OtlpSignal, body: Buffer): DecodedRequest {
  return withWholeItems(decoder.decode(signal, body))
}

function itemOf(signal: OtlpSignal, ...fields: readonly Buffer[]): Telemetry | undefined {
  const decoded = decode(signal, requestWith(Buffer.concat(fields)))
  if (!decoded.ok) throw new Error(`${decoded.error.path}: ${decoded.error.expected}, got ${decoded.error.got}`)
  return decoded.items[0]
}

function spanOf(...fields: readonly Buffer[]): Span | undefined {
  const item = itemOf('traces', ...fields)
  return item?.kind === 'span' ? item : undefined
}

function attributesOf(...keyValues: readonly Buffer[]): Span['attributes'] | undefined {
  return spanOf(...keyValues.map((keyValue) => bytesField(9, keyValue)))?.attributes
}

function attribute(...value: readonly Buffer[]): AttributeValue | undefined {
  return attributesOf(Buffer.concat([bytesField(1, 'k'), bytesField(2, ...value)]))?.k
}

function errorOf(signal: OtlpSignal, body: Buffer): string {
  const decoded = decode(signal, body)
  return decoded.ok ? 'none' : `${decoded.error.path}: expected ${decoded.error.expected}, got ${decoded.error.got}`
}

test.for(SIGNALS)(`%s: any request gives the same items as its JSON (seed ${SEED})`, (signal) => {
  fc.assert(
    fc.property(REQUESTS[signal], (request) => {
      expect(decode(signal, encodeProtobuf(signal, request))).toEqual(decodeJsonRequest(request))
    }),
    { seed: SEED, numRuns: 300 },
  )
})

describe('the order of fields does not matter', () => {
  test('of a resource and its spans, a scope and its spans', () => {
    const resource = bytesField(1, bytesField(1, bytesField(1, 'service.name'), bytesField(2, bytesField(1, 'x'))))
    const scope = bytesField(1, bytesField(1, 'lib'), bytesField(2, '2'))
    const span = bytesField(2, bytesField(5, 'a'))
    const expected = { resource: { attributes: { 'service.name': 'x' } }, scope: { name: 'lib', version: '2' } }
    for (const body of [bytesField(2, scope, span), bytesField(2, span, scope)]) {
      for (const parts of [Buffer.concat([resource, body]), Buffer.concat([body, resource])]) {
        expect(decode('traces', bytesField(1, parts))).toMatchObject({ ok: true, items: [expected] })
      }
    }
  })

  test('of a metric’s name, its points, and what they have in common', () => {
    const point = bytesField(1, fixed64Field(6, 5n))
    const sum = bytesField(7, point, varintField(2, 1), varintField(3, 1))
    const expected: Partial<MetricPoint> = { name: 'm', unit: 's', temporality: 'delta', monotonic: true, value: 5 }
    expect(itemOf('metrics', sum, bytesField(3, 's'), bytesField(1, 'm'))).toMatchObject(expected)
  })

  test('and of one field given twice the last one counts', () => {
    expect(spanOf(bytesField(5, 'a'), bytesField(5, 'b'))?.name).toBe('b')
    expect(attribute(bytesField(1, 'text'), varintField(3, 7))).toBe(7)
    const [key, value] = [bytesField(1, 'k'), (n: number) => bytesField(2, varintField(3, n))]
    expect(attributesOf(Buffer.concat([key, value(1)]), Buffer.concat([key, value(2)]))).toEqual({ k: 2 })
  })
})

describe('values', () => {
  test.for<[value: bigint, read: number | bigint]>([
    [0n, 0],
    [127n, 127],
    [128n, 128],
    [2n ** 28n - 1n, 2 ** 28 - 1],
    [2n ** 28n, 2 ** 28],
    [2n ** 32n, 2 ** 32],
    [2n ** 53n - 1n, 2 ** 53 - 1],
    [2n ** 53n, 2n ** 53n],
    [2n ** 56n, 2n ** 56n],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
    [-1n, -1],
    [-(2n ** 53n) + 1n, -(2 ** 53) + 1],
    [-(2n ** 53n), -(2n ** 53n)],
    [-(2n ** 63n), -(2n ** 63n)],
  ])('the integer %d', ([value, read]) => {
    expect(attribute(varintField(3, value))).toBe(read)
  })

  test('a boolean is true for any number but 0', () => {
    expect([0, 1, 300].map((value) => attribute(varintField(2, value)))).toEqual([false, true, true])
  })

  test.for([Number.NaN, -0, Number.POSITIVE_INFINITY, 5e-324])('the double %d', (value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    expect(attribute(fixed64Field(4, bytes.readBigUInt64LE()))).toBe(value)
  })

  test('empty ones are null, empty lists and maps are empty', () => {
    expect(attribute()).toBeNull()
    expect(attributesOf(bytesField(1, 'k'))).toEqual({ k: null })
    expect(attribute(bytesField(5))).toEqual([])
    expect(attribute(bytesField(6))).toEqual({})
    expect(attribute(bytesField(1))).toBe('')
    expect(attribute(bytesField(7))).toEqual(new Uint8Array())
  })

  test('bytes are a copy of their own', () => {
    const body = requestWith(bytesField(9, bytesField(1, 'k'), bytesField(2, bytesField(7, Buffer.from([1, 255])))))
    const decoded = decode('traces', body)
    body.fill(0)
    expect(decoded).toMatchObject({ items: [{ attributes: { k: new Uint8Array([1, 255]) } }] })
  })

  test('a key of __proto__ is an attribute like any other', () => {
    const attributes = attributesOf(Buffer.concat([bytesField(1, '__proto__'), bytesField(2, bytesField(6))]))
    expect(Object.entries(attributes ?? {})).toEqual([['__proto__', {}]])
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
  })

  test('100 levels of values are read, 101 refuse the request', () => {
    const body = (levels: number) => requestWith(bytesField(9, bytesField(1, 'k'), bytesField(2, nestedValue(levels))))
    expect(decode('traces', body(100))).toMatchObject({ ok: true })
    expect(errorOf('traces', body(101))).toMatch(/spans\[0\]: expected at most 100 levels of values, got more at byte/)
  })

  test('text that is no UTF-8 gets replacement characters', () => {
    expect(spanOf(bytesField(5, Buffer.from([0x61, 0xff, 0x62])))?.name).toBe('a\ufffdb')
    expect(spanOf(bytesField(5, Buffer.from([0xc3])))?.name).toBe('\ufffd')
  })
})

describe('times', () => {
  test.for<[nanoseconds: bigint, ms: number]>([
    [1_771_070_399_999_999_999n, 1_771_070_399_999.999],
    [1_771_070_400_123_456_789n, 1_771_070_400_123.456],
    [999n, 0],
    [1000n, 0.001],
    [2n ** 64n - 1n, 18_446_744_073_709.55],
  ])('%d ns are %d ms', ([nanoseconds, ms]) => {
    expect(spanOf(fixed64Field(7, nanoseconds))?.startMs).toBe(ms)
  })

  test(`are exact to the microsecond until 2100 (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 4_102_444_800_000_000_000n }), (nanoseconds) => {
        const micros = Math.round((spanOf(fixed64Field(7, nanoseconds))?.startMs ?? -1) * 1000)
        expect(micros).toBe(Number(nanoseconds / 1000n))
      }),
      { seed: SEED },
    )
  })

  test('a log record without a time has its observed time, a span without an end its start', () => {
    expect(itemOf('logs', fixed64Field(11, 5_000_000n))).toMatchObject({ timeMs: 5 })
    expect(itemOf('logs', fixed64Field(11, 5_000_000n), fixed64Field(1, 7_000_000n))).toMatchObject({ timeMs: 7 })
    expect(spanOf(fixed64Field(7, 5_000_000n))).toMatchObject({ startMs: 5, endMs: 5 })
  })
})

test('the event name of a log record is its own or its attribute', () => {
  const eventName = (...fields: Buffer[]): string | undefined => {
    const item = itemOf('logs', ...fields)
    return item?.kind === 'log' ? (item satisfies LogRecord).eventName : undefined
  }
  const named = bytesField(6, bytesField(1, 'event.name'), bytesField(2, bytesField(1, 'api_request')))
  expect([eventName(), eventName(named), eventName(named, bytesField(12, 'own'))]).toEqual([
    undefined,
    'api_request',
    'own',
  ])
})

test('points without a value are skipped and counted', () => {
  const number = (...fields: Buffer[]) => bytesField(1, ...fields)
  const gauge = bytesField(5, number(fixed64Field(6, 1n)), number(), number(fixed64Field(6, 1n), varintField(8, 1)))
  const histogram = bytesField(9, bytesField(1, fixed64Field(4, 3n)), bytesField(1, fixed64Field(5, 0n)))
  const summary = bytesField(11, bytesField(1))
  expect(decode('metrics', requestWith(gauge, histogram, summary))).toMatchObject({
    skipped: 3,
    items: [{ value: 1 }, { type: 'histogram', value: 0, count: 0 }, { type: 'summary', value: 0, count: 0 }],
  })
})

test('unknown fields of every type are skipped', () => {
  const unknown = [
    varintField(500, 2n ** 64n - 1n),
    fixed64Field(501, 1n),
    bytesField(502, 'x'.repeat(300)),
    groupField(503, varintField(1, 1), groupField(2, bytesField(3, 'y'))),
    fixed32Field(504, 1),
  ]
  expect(spanOf(...unknown, bytesField(5, 'a'), ...unknown)).toMatchObject({ name: 'a', status: 'unset' })
})

describe('a request with an error is refused as a whole, with the place and no content', () => {
  test.for<{ what: string; span: Buffer; error: string }>([
    { what: 'a field that is cut off', span: Buffer.from([0x2a]), error: 'a number, got the end of the message' },
    { what: 'a length beyond the end', span: Buffer.from([0x2a, 9, 65]), error: 'at most 1 bytes, got a length of 9' },
    { what: 'a time that is cut off', span: Buffer.from([0x39, 0, 0]), error: '8 bytes, got 2' },
    { what: 'a short id', span: bytesField(1, 'secret'), error: 'an id of 16 bytes, got one of 6' },
    { what: 'another wire type', span: varintField(5, 1), error: 'field 5 with its own wire type, got wire type 0' },
    { what: 'field 0', span: Buffer.from([0x02, 0]), error: 'a field number, got 0' },
    { what: 'wire type 7', span: Buffer.from([0xff, 0x3f]), error: 'a wire type from 0 to 5, got 7' },
    { what: 'an endless number', span: Buffer.alloc(20, 0xff), error: 'a number of at most 32 bits, got a longer one' },
    {
      what: 'a value of 65 bits',
      span: bytesField(9, bytesField(2, Buffer.from([0x18]), Buffer.alloc(9, 0xff), Buffer.from([2]))),
      error: 'a number of at most 64 bits, got a longer one',
    },
    {
      what: 'a group that does not end',
      span: Buffer.from([0x83, 0x3f]),
      error: 'a number, got the end of the message',
    },
    {
      what: 'a group that ends as another',
      span: Buffer.from([0x83, 0x3f, 0x0c]),
      error: 'the end of the innermost group, got that of 1',
    },
    {
      what: 'groups in groups',
      span: Buffer.concat(Array.from({ length: 200 }, () => varint((500 << 3) | 3))),
      error: 'at most 100 groups in each other, got more',
    },
    { what: 'the end of no group', span: Buffer.from([0x84, 0x3f]), error: 'a wire type from 0 to 5, got 4' },
  ])('$what', ({ span, error }) => {
    const found = errorOf('traces', requestWith(bytesField(5, 'fine'), span))
    expect(found).toContain(`resourceSpans[0].scopeSpans[0].spans[1]: expected ${error} at byte `)
    expect(found).not.toContain('secret')
  })

  test('logs that were sent as traces', () => {
    const logs = encodeProtobuf('logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '1', severityText: 'INFO' }] }] }],
    })
    expect(errorOf('traces', logs)).toContain('spans[0]: expected field 1 with its own wire type, got wire type 1')
  })

  test(`more than ${MAX_ITEMS} items`, () => {
    const empty = bytesField(2)
    const items = (count: number) => bytesField(1, bytesField(2, Buffer.alloc(count * 2, empty)))
    expect(errorOf('traces', items(MAX_ITEMS))).toBe('none')
    expect(errorOf('traces', items(MAX_ITEMS + 1))).toContain(
      `expected at most ${MAX_ITEMS} items in a request, got more`,
    )
  })

  test('more attributes than memory is worth', () => {
    const attributes = Buffer.alloc(2 * (2 ** 21 + 1), bytesField(9))
    expect(errorOf('traces', requestWith(attributes))).toContain('at most 2097152 attributes and list elements')
  })

  test('more different keys than telemetry can have', () => {
    const keys = Array.from({ length: 100_000 }, (_, n) => bytesField(9, bytesField(1, `key ${n}`)))
    expect(errorOf('traces', requestWith(Buffer.concat(keys)))).toContain('at most 65536 different keys')
    const again = Array.from({ length: 70_000 }, (_, n) => bytesField(9, bytesField(1, `key ${n % 60_000}`)))
    expect(errorOf('traces', requestWith(Buffer.concat(again)))).toBe('none')
  })
})

test.for(['traces', 'logs'] as const)(`%s: an excerpt has what it was asked for (seed ${SEED})`, (signal) => {
  const NAMES = ['session.id', 'gen_ai.tool.name', '', '__proto__', '0', 'ключ']
  const lists = NAMES.map((_, n) => new Set(NAMES.slice(n)))
  let left = 0
  fc.assert(
    fc.property(REQUESTS[signal], fc.constantFrom(...lists), (request, names) => {
      const decoded = decoder.decode(signal, encodeProtobuf(signal, request))
      for (const item of decoded.ok ? decoded.items : []) {
        const excerpt = item.kind === 'metric' ? undefined : item.excerpt?.(names)
        const { attributes } = item
        const asked = (all: object) => Object.entries(all).filter(([name]) => names.has(name))
        expect(asked(excerpt ?? {})).toEqual(asked(attributes))
        left += Object.keys(attributes).length - Object.keys(excerpt ?? {}).length
      }
    }),
    { seed: SEED, numRuns: 300 },
  )
  expect(left).toBeGreaterThan(100)
})

test('the name of an event is found however its attribute is written', () => {
  const name = bytesField(1, 'event.name')
  const value = bytesField(2, bytesField(1, 'prompt'))
  const long = bytesField(2, bytesField(1, 'p'.repeat(200)))
  const other = bytesField(6, bytesField(1, 'key'), value)
  const eventNameOf = (...fields: readonly Buffer[]): unknown => itemOf('logs', ...fields)
  expect(eventNameOf(other, bytesField(6, name, value), other)).toMatchObject({ eventName: 'prompt' })
  expect(eventNameOf(bytesField(6, value, name))).toMatchObject({ eventName: 'prompt' })
  expect(eventNameOf(bytesField(6, name, long))).toMatchObject({ eventName: 'p'.repeat(200) })
  expect(eventNameOf(bytesField(6, name, long), bytesField(6, name, value))).toMatchObject({ eventName: 'prompt' })
  expect(eventNameOf(bytesField(6, name, value), bytesField(6, name))).not.toHaveProperty('eventName')
  expect(eventNameOf(other)).not.toHaveProperty('eventName')
})

test('a request that is cut off anywhere is refused or has less', () => {
  const [whole] = fc.sample(REQUESTS.traces, { seed: SEED, numRuns: 1 })
  const body = encodeProtobuf('traces', whole ?? {})
  const decodedWhole = decode('traces', body)
  const itemCount = decodedWhole.ok ? decodedWhole.items.length : 0
  for (let end = 0; end < body.length; end++) {
    const decoded = decode('traces', body.subarray(0, end))
    if (decoded.ok) expect(decoded.items.length).toBeLessThan(itemCount)
    else expect(decoded.error.got).toMatch(/ at byte \d+$/)
  }
  expect(itemCount).toBeGreaterThan(0)
})

test(`mutated requests are decoded or refused with a byte (seed ${SEED})`, () => {
  const outcomes = { ok: 0, refused: 0 }
  for (const signal of SIGNALS) {
    const mutation = fc.tuple(
      REQUESTS[signal],
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    )
    const mutated = fc.property(mutation, ([request, changes]) => {
      const body = encodeProtobuf(signal, request)
      for (const [at, byte] of changes) body[at % Math.max(1, body.length)] = byte
      const decoded = decode(signal, body)
      if (decoded.ok) outcomes.ok++
      else {
        outcomes.refused++
        expect(decoded.error.got).toMatch(/ at byte \d+$/)
        expect(isUtf8(Buffer.from(decoded.error.got))).toBe(true)
      }
    })
    fc.assert(mutated, { seed: SEED, numRuns: 300 })
  }
  expect(outcomes.ok).toBeGreaterThan(50)
  expect(outcomes.refused).toBeGreaterThan(50)
})
