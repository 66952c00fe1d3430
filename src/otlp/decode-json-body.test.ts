import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeJsonRequest } from './decode-json.ts'
import { decodeJsonBody } from './decode-json-body.ts'
import { MAX_ITEMS } from './item-limit.ts'
import { REQUESTS } from './request.fixture.ts'

const SEED = 20_261_120

function decode(text: string) {
  return decodeJsonBody(Buffer.from(text))
}

function attribute(value: string): unknown {
  const decoded = decode(
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"k","value":${value}}]}]}]}]}`,
  )
  return decoded.ok ? decoded.items[0]?.attributes.k : decoded.error
}

test.for(['traces', 'logs', 'metrics'] as const)(`%s: as the request that it holds (seed ${SEED})`, (signal) => {
  fc.assert(
    fc.property(REQUESTS[signal], (request) => {
      expect(decode(JSON.stringify(request))).toEqual(decodeJsonRequest(request))
    }),
    { seed: SEED },
  )
})

describe('integers that are written as numbers', () => {
  test.for<[value: string, read: unknown]>([
    ['{"intValue":9007199254740993}', 9_007_199_254_740_993n],
    ['{ "intValue" :\n -9223372036854775808 }', -(2n ** 63n)],
    ['{"intValue":9223372036854775807}', 2n ** 63n - 1n],
    ['{"intValue":1234567890123456}', 1_234_567_890_123_456],
    ['{"intValue":1e15}', 1e15],
    [String.raw`{"\u0069ntValue":9007199254740993}`, 9_007_199_254_740_993n],
    ['{"intValue":9007199254740993.0}', 9_007_199_254_740_993n],
    ['{"intValue":-9007199254740993.00}', -9_007_199_254_740_993n],
    ['{"intValue":9223372036854775807.0}', 2n ** 63n - 1n],
    ['{"intValue":1234567890123456e2}', 123_456_789_012_345_600n],
    ['{"doubleValue":1234567890123456789}', 1_234_567_890_123_456_800],
    [String.raw`{"stringValue":"{\"intValue\":9007199254740993}"}`, '{"intValue":9007199254740993}'],
    [String.raw`{"stringValue":"\\\"intValue\\\": 9007199254740993"}`, String.raw`\"intValue\": 9007199254740993`],
    ['{"arrayValue":{"values":[{"intValue":9007199254740993},{}]}}', [9_007_199_254_740_993n, null]],
  ])('%s', ([value, read]) => {
    expect(attribute(value)).toEqual(read)
  })

  test.for([
    '{"intValue":1234567890123456.5}',
    '{"intValue":4503599627370497.1}',
    '{"intValue":9007199254740992.5}',
    '{"intValue":9223372036854775808.0}',
    String.raw`{"\u0069ntValue":9223372036854775808}`,
    '{"intValue":9223372036854775808}',
    '{"intValue":01234567890123456789}',
  ])('%s is refused', (value) => {
    expect(attribute(value)).toMatchObject({ got: expect.any(String) })
  })
})

test.for([
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":99999999999}]}]}]}',
  '{"resourceSpans":[{"scopeSpans":[{"spans":[{"status":{"code":-2147483649}}]}]}]}',
  '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asInt":9223372036854775808}]}}]}]}]}',
  '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"flags":4294967296}]}}]}]}]}',
])('a number that its field cannot hold is refused: %s', (text) => {
  expect(decode(text)).toMatchObject({ ok: false, error: { got: 'one that is out of range' } })
})

test('keys of __proto__ and constructor are attributes like any other', () => {
  const text = `{"__proto__":{"resourceLogs":1},"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[
    {"key":"__proto__","value":{"kvlistValue":{"values":[{"key":"polluted","value":{"boolValue":true}}]}}},
    {"key":"constructor","value":{"stringValue":"x"}}]}]}]}]}`
  const decoded = decode(text)
  const attributes = decoded.ok ? (decoded.items[0]?.attributes ?? {}) : {}
  expect(Object.keys(attributes)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
  expect('polluted' in {}).toBe(false)
})

test.for(['', ' ', '{', '{"a":1}x', '\ufeff{}', 'secret', '{"a":NaN}', '[secret]'])(
  '%j is no request, and the error does not quote it',
  (text) => {
    const decoded = decode(text)
    expect(decoded).toMatchObject({ ok: false, error: { path: '' } })
    expect(JSON.stringify(decoded)).not.toContain('secret')
  },
)

describe('what takes much more memory parsed than as text', () => {
  const LONG = 2 ** 20

  test('deep nesting is refused before it is parsed', () => {
    const deep = `{"a":${'['.repeat(LONG)}`
    expect(decode(deep)).toMatchObject({ ok: false, error: { expected: 'at most 500 levels of JSON', got: 'more' } })
    const objects = `${'{"a":'.repeat(LONG)}1${'}'.repeat(LONG)}`
    expect(decode(objects)).toMatchObject({ ok: false, error: { expected: 'at most 500 levels of JSON' } })
  })

  test('and so are objects for a few bytes each, and objects of very many names', () => {
    const objects = `{"a":[${'{},'.repeat(LONG)}{}]}`
    expect(decode(objects)).toMatchObject({
      ok: false,
      error: { expected: 'an object or list for at least 12 bytes each' },
    })
    const names = Array.from({ length: LONG / 8 }, (_, n) => `"${n}":0`)
    expect(decode(`{"a":{${names.join(',')}}}`)).toMatchObject({
      ok: false,
      error: { expected: 'at most 1000 names in an object' },
    })
  })

  test('many values in what only JSON.parse can read are refused before it does', () => {
    const unusual = (value: string) => String.raw`{"\u0061":[${`${value},`.repeat(4 * LONG)}1]}`
    for (const value of ['1', '""']) {
      expect(decode(unusual(value))).toMatchObject({
        ok: false,
        error: { expected: expect.stringContaining('67108864') },
      })
    }
    expect(decode(String.raw`{"\u0061":[${'1,'.repeat(LONG)}1]}`)).toMatchObject({ ok: true })
    const long = (count: number) => String.raw`{"\u0061":[1234567890123456,${'1,'.repeat(count)}1]}`
    expect(decode(long(LONG))).toMatchObject({ ok: false, error: { expected: expect.stringContaining('67108864') } })
    expect(decode(long(LONG / 4))).toMatchObject({ ok: true })
    expect(decode(`{"a":[${'1,'.repeat(4 * LONG)}1]}`)).toMatchObject({ ok: true })
  })

  test('points are counted while they are read', () => {
    const points = `{"dataPoints":[${'{"asInt":1},'.repeat(MAX_ITEMS)}{"asInt":1}]}`
    expect(decode(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":${points}}]}]}]}`)).toMatchObject({
      ok: false,
      error: { expected: expect.any(String), got: expect.any(String) },
    })
  })

  test('long lists of numbers, as histograms have them, are not', () => {
    const points = `{"sum":1,"bucketCounts":[${'"0",'.repeat(LONG)}"0"]}`
    const request = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[${points}]}}]}]}]}`
    expect(decode(request)).toMatchObject({ ok: true, items: [{ value: 1 }] })
  })

  test('more items than a request may hold are refused', () => {
    const spans = (count: number) =>
      `{"resourceSpans":[{"scopeSpans":[{"spans":[${'{"name":"a"},'.repeat(count - 1)}{}]}]}]}`
    expect(decode(spans(MAX_ITEMS))).toMatchObject({ ok: true })
    expect(decode(spans(MAX_ITEMS + 1))).toMatchObject({
      ok: false,
      error: {
        path: `resourceSpans[0].scopeSpans[0].spans[${MAX_ITEMS}]`,
        expected: `at most ${MAX_ITEMS} items in a request`,
      },
    })
  })

  test('brackets in texts do not count, and in a short request unknown fields may be nested as they like', () => {
    const text = JSON.stringify({ a: `\\"${'[{,'.repeat(LONG)}` })
    expect(decode(text)).toEqual({ ok: true, items: [], skipped: 0 })
    expect(decode(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toEqual({ ok: true, items: [], skipped: 0 })
  })
})
