import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { OtlpSignal } from '#src/model/otlp-request.ts'
import { decodeJsonBody } from './decode-json-body.ts'
import { ProtobufDecoder } from './decode-protobuf.ts'
import { jsonToProtobuf } from './json-to-protobuf.ts'
import { encodeProtobuf } from './otlp-schema.fixture.ts'
import { protobufToJson } from './protobuf-to-json.ts'
import { withWholeItems } from './whole-items.fixture.ts'
import { WHOLE_REQUESTS } from './whole-requests.fixture.ts'

const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics']

const bytes = (value: object | string): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

describe.for(SIGNALS)('%s', (signal) => {
  const request = WHOLE_REQUESTS[signal]

  test('JSON becomes protobuf and JSON again, with every field and digit', () => {
    expect(JSON.parse(protobufToJson(signal, jsonToProtobuf(signal, bytes(request))).toString())).toEqual(request)
  })

  test('what another encoder writes is read to the last digit', () => {
    // It leaves out what is the default, packs lists of numbers and orders fields by number.
    const theirs = JSON.parse(protobufToJson(signal, encodeProtobuf(signal, request)).toString())
    expect(theirs).toEqual(request)
  })

  test('both give the items that the receiver decodes', () => {
    const protobuf = jsonToProtobuf(signal, bytes(request))
    expect(withWholeItems(new ProtobufDecoder().decode(signal, protobuf))).toEqual(decodeJsonBody(bytes(request)))
  })
})

test.for([
  {
    name: 'names of enum values',
    text: '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_CLIENT"}]}]}]}',
    kind: 3,
  },
  {
    name: 'names of the protobuf files',
    text: '{"resource_spans":[{"scope_spans":[{"spans":[{"kind":3}]}]}]}',
    kind: 3,
  },
])('JSON with $name is understood', ({ text, kind }) => {
  expect(JSON.parse(protobufToJson('traces', jsonToProtobuf('traces', bytes(text))).toString())).toEqual({
    resourceSpans: [{ scopeSpans: [{ spans: [{ kind }] }] }],
  })
})

test('numbers without quotes keep all their digits', () => {
  const text =
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1770920884123456789,"attributes":[{"key":"n","value":{"intValue":-9007199254740993}}]}]}]}]}'
  const json = protobufToJson('logs', jsonToProtobuf('logs', bytes(text))).toString()
  expect(json).toContain('"timeUnixNano":"1770920884123456789"')
  expect(json).toContain('"intValue":"-9007199254740993"')
})

test.for([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324])(
  'the double %d survives',
  (value) => {
    const point = { asDouble: Number.isFinite(value) ? value : String(value) }
    const text = JSON.stringify({
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge: { dataPoints: [point] } }] }] }],
    })
    const exact = Object.is(value, -0) ? text.replace('"asDouble":0', '"asDouble":-0.0') : text
    expect(protobufToJson('metrics', jsonToProtobuf('metrics', bytes(exact))).toString()).toBe(exact)
  },
)

test('what has no number in protobuf, or no name in JSON, is left out', () => {
  const known = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'n' }] }] }] }
  expect(protobufToJson('traces', jsonToProtobuf('traces', bytes({ ...known, later: [1] })))).toEqual(bytes(known))
  const unknownField = Buffer.from([0xfa, 0x3f, 3, 1, 2, 3])
  const withUnknown = Buffer.concat([jsonToProtobuf('traces', bytes(known)), unknownField])
  expect(protobufToJson('traces', withUnknown)).toEqual(bytes(known))
})

test('the messages are those of the schema that the tests encode with', () => {
  const source = readFileSync(new URL('./otlp-messages.ts', import.meta.url), 'utf8')
  const schema = readFileSync(new URL('./otlp-schema.fixture.ts', import.meta.url), 'utf8')
  for (const [, name = ''] of schema.matchAll(/ ([a-z_]+) = \d+;/g)) {
    const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    expect(source.includes(`'${camel}'`) || source.includes(`ATTRIBUTES = '${camel}'`), camel).toBe(true)
  }
})
