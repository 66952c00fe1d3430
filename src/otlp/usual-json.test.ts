import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeAnyJson, decodeJsonBody } from './decode-json-body.ts'
import { REQUESTS } from './request.fixture.ts'
import { SharedTexts } from './shared-texts.ts'
import { MAX_SHARED_BYTES } from './text-table.ts'
import { readUsualJson } from './usual-json.ts'

const SEED = 20_261_121

const texts = new SharedTexts()

/** What the decoder of usual JSON and that of any JSON make of a body: the same, or the first one makes nothing of it. */
function decode(body: Buffer): { readonly usual: boolean } {
  const usual = readUsualJson(body, texts)
  const decoded = decodeAnyJson(body)
  if (usual !== undefined) expect(usual).toEqual(decoded)
  expect(decodeJsonBody(body, texts)).toEqual(decoded)
  return { usual: usual !== undefined }
}

describe.for(['traces', 'logs', 'metrics'] as const)(`%s (seed ${SEED})`, (signal) => {
  test('as an encoder writes them', () => {
    const property = fc.property(REQUESTS[signal], fc.constantFrom(undefined, ' ', '\t', '\n\r'), (request, space) => {
      expect(decode(Buffer.from(JSON.stringify(request, undefined, space))).usual).toBe(true)
    })
    fc.assert(property, { seed: SEED, numRuns: 150 })
  })

  test('with fields in any order, unknown ones and nulls, and escapes in texts', () => {
    const property = fc.property(REQUESTS[signal], fc.infiniteStream(fc.nat()), (request, choices) => {
      const json = JSON.stringify(shuffled(request, choices)).replaceAll('e-', '\\u0065-')
      decode(Buffer.from(json))
    })
    fc.assert(property, { seed: SEED, numRuns: 150 })
  })

  test('with any bytes exchanged, left out, added or cut off', () => {
    let usualCount = 0
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 3 }),
      add: fc.oneof(
        fc.constantFrom(
          '',
          '"',
          '\\',
          '\\u00e9',
          ',',
          '{',
          '}',
          '[',
          ']',
          ':',
          ' ',
          '-',
          '0',
          '.5',
          'e1',
          'null',
          'true',
        ),
        fc.constantFrom(
          '"key":"b",',
          '"a":[{"b":null,"c":[-1.5E+3,"\\n"]},{},[]],',
          '99999999999',
          'Infinity',
          '\u0001',
        ),
        fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
    })
    const property = fc.property(REQUESTS[signal], fc.array(edit, { minLength: 1, maxLength: 2 }), (request, edits) => {
      let body = Buffer.from(JSON.stringify(request))
      for (const { at, remove, add } of edits) {
        const place = at % (body.length + 1)
        body = Buffer.concat([body.subarray(0, place), Buffer.from(add, 'latin1'), body.subarray(place + remove)])
      }
      if (decode(body).usual) usualCount++
    })
    fc.assert(property, { seed: SEED, numRuns: 600 })
    expect(usualCount).toBeGreaterThan(30)
  })
})

/** The same with the fields of each object in another order, some of them null, and fields that are unknown. */
function shuffled(value: unknown, choices: Iterator<number>): unknown {
  const choose = (count: number): number => (choices.next().value ?? 0) % count
  if (Array.isArray(value)) return value.map((item) => shuffled(item, choices))
  if (typeof value !== 'object' || value === null) return value
  const left: [string, unknown][] = Object.entries(value).map(([name, inner]) => [name, shuffled(inner, choices)])
  if (choose(4) === 0) left.push(['unknown', { a: [null, 'é\n', { b: [] }], c: -0.5e-7 }])
  const fields: [string, unknown][] = []
  while (left.length > 0) {
    const [field] = left.splice(choose(left.length), 1)
    if (field !== undefined) fields.push(choose(8) === 0 ? [field[0], null] : field)
  }
  return Object.fromEntries(fields)
}

function attribute(value: string): Buffer {
  return Buffer.from(
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"k","value":${value}}]}]}]}]}`,
  )
}

describe('a value', () => {
  test.for([
    '{"stringValue":"a\\u0000\\"\\ud83d\\ude00\\ud83d"}',
    '{"stringValue":"\u{1f600}\u2028"}',
    '{"intValue":"007"}',
    '{"intValue":"9223372036854775807"}',
    '{"intValue":-9223372036854775808}',
    '{"intValue":123456789012345678}',
    '{"intValue":999999999999999}',
    '{"doubleValue":0.1}',
    '{"doubleValue":-0.0}',
    '{"doubleValue":123456789.012345678}',
    '{"doubleValue":5e-324}',
    '{"doubleValue":1E400}',
    '{"doubleValue":"-Infinity"}',
    '{"doubleValue":9007199254740993}',
    '{"boolValue":false}',
    '{"bytesValue":"AP8="}',
    '{"stringValue":null,"intValue":3}',
    '{"doubleValue":null}',
    '{"new":{"deep":[[[{}]]]},"stringValue":"x"}',
    '{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"__proto__","value":{"intValue":1}}]}}]}}',
    '{}',
    'null',
  ])('%s is usual', (value) => {
    expect(decode(attribute(value)).usual).toBe(true)
  })

  test.for([
    '{"stringValue":"a","intValue":1}',
    '{"stringValue":"a","stringValue":null}',
    '{"string\\u0056alue":"a"}',
    '{"stringValue":"\u0001"}',
    '{"stringValue":"\\x"}',
    '{"stringValue":"a}}',
    '{"intValue":-0}',
    '{"intValue":1e3}',
    '{"intValue":01}',
    '{"intValue":""}',
    '{"intValue":1.5}',
    '{"intValue":"9223372036854775808"}',
    '{"doubleValue":.5}',
    '{"doubleValue":1.}',
    '{"doubleValue":00.5}',
    '{"doubleValue":1e}',
    '{"doubleValue":--1}',
    '{"doubleValue":NaN}',
    '{"boolValue":"true"}',
    '{"boolValue":truth}',
    '{"stringValue":"a",}',
    '[]',
    '"secret"',
  ])('%s is not', (value) => {
    expect(decode(attribute(value)).usual).toBe(false)
  })

  test('is followed for 100 levels', () => {
    const nested = (levels: number): string =>
      levels === 1 ? '{"intValue":1}' : `{"arrayValue":{"values":[${nested(levels - 1)}]}}`
    expect(decode(attribute(nested(100))).usual).toBe(true)
    expect(decode(attribute(nested(101))).usual).toBe(false)
  })

  test('that follows the same key is told from the one before by its last byte, and by its end', () => {
    const values = [
      'abcd',
      'abce',
      'abc',
      'abcde',
      'abcd"',
      'é',
      '',
      'a'.repeat(MAX_SHARED_BYTES),
      'a'.repeat(MAX_SHARED_BYTES + 1),
      'abcd',
    ]
    const attributes = (value: string) => ['first', 'second'].map((key) => ({ key, value: { stringValue: value } }))
    const logRecords = values.map((value) => ({ attributes: attributes(value) }))
    const request = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }
    expect(decode(Buffer.from(JSON.stringify(request))).usual).toBe(true)
  })
})

test.for<[text: string, usual: boolean]>([
  [
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}],"scope":{"name":"s"}}],"resource":{"attributes":[]}}]}',
    true,
  ],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a","name":null}]}]}]}', false],
  ['{"resourceSpans":[],"resourceSpans":[]}', false],
  ['{"resourceLogs":null,"resourceSpans":[{"scopeSpans":null}]}', true],
  ['{"resourceMetrics":[]}', true],
  ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asInt":1.5}]}}]}]}]}', false],
  ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asInt":1,"asDouble":2}]}}]}]}]}', false],
  ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"sum":5,"asInt":"7"}]}}]}]}]}', true],
  ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"flags":-1,"asInt":7}]}}]}]}]}', false],
  ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"summary":{"dataPoints":[{"count":"9"}]}}]}]}]}', true],
  [
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"summary":{"dataPoints":[{"asInt":"x"},{"flags":1}]}}]}]}]}',
    true,
  ],
  ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":null,"gauge":{"dataPoints":null},"name":"a"}]}]}]}', true],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":1771070400123456789}]}]}]}', true],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"9999999999999999999"}]}]}]}', true],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"18446744073709551616"}]}]}]}', false],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"177107040012345678a"}]}]}]}', false],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"status":{"code":"STATUS_CODE_ERROR"}}]}]}]}', true],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"status":{"code":1.5}}]}]}]}', false],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"EEE19B7EC3C1B174"},{"spanId":""}]}]}]}', true],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"EEE19B7EC3C1B17"}]}]}]}', false],
  ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"EEE19B7EC3C1B17g"}]}]}]}', false],
  [' {}\n', true],
  ['{} x', false],
  ['{}\0', false],
  ['\ufeff{}', false],
  ['{"a":1}}', false],
  ['{', false],
  ['', false],
  [`{"a":${'['.repeat(500)}${']'.repeat(500)}}`, true],
  [`{"a":${'['.repeat(501)}${']'.repeat(501)}}`, false],
])('%.150s', ([text, usual]) => {
  expect(decode(Buffer.from(text)).usual).toBe(usual)
})

test('bytes that are no UTF-8 are the same in texts, and nothing outside of them', () => {
  for (const bytes of [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98, 0x80]]) {
    const text = Buffer.from(bytes).toString('latin1')
    expect(decode(Buffer.from(attribute(`{"stringValue":"${text}"}`).toString(), 'latin1')).usual).toBe(true)
    expect(decode(Buffer.from(attribute(`{"stringValue":"${text}\\n${text}"}`).toString(), 'latin1')).usual).toBe(true)
    expect(decode(Buffer.from(attribute(`{"stringValue":${text}"a"}`).toString(), 'latin1')).usual).toBe(false)
  }
})

test('more kinds of attributes than are remembered are read all the same', () => {
  const attributes = Array.from({ length: 5000 }, (_, n) => ({ key: `key ${n}`, value: { intValue: n } }))
  const spans = [{ attributes }, { attributes: attributes.toReversed() }, { attributes }]
  const request = { resourceSpans: [{ scopeSpans: [{ spans }] }] }
  expect(decode(Buffer.from(JSON.stringify(request))).usual).toBe(true)
})
