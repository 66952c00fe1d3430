import { describe, expect, test } from 'vitest'
import type { OtlpSignal } from '#src/model/otlp-request.ts'
import { jsonToProtobuf } from './json-to-protobuf.ts'
import { maskJson } from './mask-json.ts'
import { maskProtobuf } from './mask-protobuf.ts'
import { protobufToJson } from './protobuf-to-json.ts'
import type { RequestMask, Treatment } from './request-mask.ts'
import { WHOLE_REQUESTS } from './whole-requests.fixture.ts'

const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics']

const TREATMENTS: ReadonlyMap<string, Treatment> = new Map([
  ['left', 'leave'],
  ['blocked', 'block'],
  ['password', 'secret'],
])
/** Masks the word SECRET, the number 13, and attributes by what they are called. */
const MASK: RequestMask = {
  mayHold: ({ bytes: of }, start, end) => of.utf8Slice(start, end).includes('SECRET'),
  text: (text) => text.replaceAll('SECRET', '***'),
  mayHoldNumber: (value) => Number(value) > 12,
  number: (value) => (Number(value) === 13 ? 'a number' : undefined),
  key: ({ bytes: of }, start, end) => {
    const key = of.utf8Slice(start, end)
    return { treatment: TREATMENTS.get(key) ?? 'look', mayHold: key.includes('SECRET') }
  },
  whole: (treatment) => `[${treatment}]`,
}
const CLEAN: RequestMask = { ...MASK, number: () => undefined, key: () => ({ treatment: 'look', mayHold: true }) }

const bytes = (value: object | string): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

describe.for(SIGNALS)('%s', (signal) => {
  test('a request without secrets stays the same bytes', () => {
    const json = bytes(JSON.stringify(WHOLE_REQUESTS[signal], undefined, 3))
    expect(maskJson(json, CLEAN)).toBe(json)
    const protobuf = jsonToProtobuf(signal, json)
    expect(maskProtobuf(signal, protobuf, CLEAN)).toBe(protobuf)
  })

  test('every text of a request is looked at, and nothing else is touched', () => {
    const secretive = JSON.stringify(WHOLE_REQUESTS[signal]).replace(
      /("(?:stringValue|name|version|traceState|message|severityText|eventName|description|unit|schemaUrl|key)":")/g,
      '$1SECRET',
    )
    expect(secretive.split('SECRET').length).toBeGreaterThan(20)
    const expected = secretive.replaceAll('SECRET', '***')
    expect(maskJson(bytes(secretive), MASK).toString()).toBe(expected)
    expect(maskProtobuf(signal, jsonToProtobuf(signal, bytes(secretive)), MASK)).toEqual(
      jsonToProtobuf(signal, bytes(expected)),
    )
  })
})

/** A log record with these attributes, as a request. */
function record(...attributes: readonly object[]): object {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] }
}

const SECRET = { stringValue: 'a SECRET' }

test.for<{ name: string; attribute: object; masked: object }>([
  { name: 'a text', attribute: { key: 'k', value: SECRET }, masked: { key: 'k', value: { stringValue: 'a ***' } } },
  { name: 'a key', attribute: { key: 'SECRET', value: {} }, masked: { key: '***', value: {} } },
  {
    name: 'an attribute that is allowed',
    attribute: { key: 'left', value: SECRET },
    masked: { key: 'left', value: SECRET },
  },
  {
    name: 'a number that is blocked',
    attribute: { key: 'blocked', value: { intValue: '5' } },
    masked: { key: 'blocked', value: { stringValue: '[block]' } },
  },
  {
    name: 'a value of no kind that is blocked',
    attribute: { key: 'blocked', value: {} },
    masked: { key: 'blocked', value: { stringValue: '[block]' } },
  },
  {
    name: 'a text that is secret by its key',
    attribute: { key: 'password', value: { stringValue: 'x' } },
    masked: { key: 'password', value: { stringValue: '[secret]' } },
  },
  {
    name: 'a list of texts that is secret by its key',
    attribute: { key: 'password', value: { arrayValue: { values: [{ stringValue: 'x' }, { bytesValue: 'AA==' }] } } },
    masked: { key: 'password', value: { stringValue: '[secret]' } },
  },
  {
    name: 'a list with a text among numbers that is secret by its key',
    attribute: { key: 'password', value: { arrayValue: { values: [SECRET, { intValue: '4' }, {}] } } },
    masked: { key: 'password', value: { stringValue: '[secret]' } },
  },
  {
    name: 'a list of numbers, which is not secret by its key',
    attribute: { key: 'password', value: { arrayValue: { values: [{ intValue: '4' }] } } },
    masked: { key: 'password', value: { arrayValue: { values: [{ intValue: '4' }] } } },
  },
  {
    name: 'a number that is secret by its value',
    attribute: { key: 'k', value: { intValue: '13' } },
    masked: { key: 'k', value: { stringValue: 'a number' } },
  },
  {
    name: 'a double that is secret by its value',
    attribute: { key: 'k', value: { doubleValue: 13 } },
    masked: { key: 'k', value: { stringValue: 'a number' } },
  },
  {
    name: 'bytes that are text',
    attribute: { key: 'k', value: { bytesValue: Buffer.from('a SECRET').toString('base64') } },
    masked: { key: 'k', value: { bytesValue: Buffer.from('a ***').toString('base64') } },
  },
  {
    name: 'a map in a list, with exact numbers beside the secret',
    attribute: {
      key: 'k',
      value: {
        arrayValue: {
          values: [
            { intValue: '-9223372036854775808' },
            { doubleValue: 1 },
            {
              kvlistValue: {
                values: [
                  { key: 'blocked', value: SECRET },
                  { key: 'j', value: SECRET },
                ],
              },
            },
          ],
        },
      },
    },
    masked: {
      key: 'k',
      value: {
        arrayValue: {
          values: [
            { intValue: '-9223372036854775808' },
            { doubleValue: 1 },
            {
              kvlistValue: {
                values: [
                  { key: 'blocked', value: { stringValue: '[block]' } },
                  { key: 'j', value: { stringValue: 'a ***' } },
                ],
              },
            },
          ],
        },
      },
    },
  },
])('$name', ({ attribute, masked }) => {
  const around = { key: 'before', value: { intValue: '9007199254740993' } }
  const request = bytes(record(around, attribute, around))
  expect(JSON.parse(maskJson(request, MASK).toString())).toEqual(record(around, masked, around))
  const spaced = bytes(JSON.stringify(record(around, attribute, around), undefined, 1))
  expect(JSON.parse(maskJson(spaced, MASK).toString())).toEqual(record(around, masked, around))
  const protobuf = maskProtobuf('logs', jsonToProtobuf('logs', request), MASK)
  expect(JSON.parse(protobufToJson('logs', protobuf).toString())).toEqual(record(around, masked, around))
})

/** A field that holds other bytes. */
const field = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([tag, ...(content.length < 128 ? [] : [(content.length % 128) | 128])]),
    Buffer.from([content.length < 128 ? content.length : content.length >> 7]),
    content,
  ])

describe('protobuf', () => {
  test.for([
    { name: 'a field that is not known', extra: Buffer.from([0x78, 0x01]) },
    { name: 'a number before it', extra: Buffer.from([0x18, 0x01]) },
  ])('a text that is secret by its key, with $name', ({ extra }) => {
    const value = Buffer.concat([extra, field(0x0a, Buffer.from('x'))])
    const attribute = Buffer.concat([field(0x0a, Buffer.from('password')), field(0x12, value)])
    const masked = maskProtobuf('logs', logRecord(field(0x32, attribute)), MASK)
    expect(masked.toString()).toContain('[secret]')
  })

  test.for([1, 126, 127, 128, 200, 300])('a secret of %i bytes behind a key of as many', (length) => {
    const key = 'k'.repeat(length)
    const text = 'SECRET'.padEnd(length, '.')
    const request = (value: string) => jsonToProtobuf('logs', bytes(record({ key, value: { stringValue: value } })))
    expect(maskProtobuf('logs', request(text), MASK)).toEqual(request(text.replace('SECRET', '***')))
    const password = jsonToProtobuf('logs', bytes(record({ key: 'password', value: { stringValue: text } })))
    expect(maskProtobuf('logs', password, MASK).toString()).not.toContain('SECRET')
  })

  test.for([
    { keys: ['a SECRET', 'plain'], shown: ['a ***', 'plain', 'fine'] },
    { keys: ['plain', 'a SECRET'], shown: ['plain', 'a ***', 'fine'] },
    { keys: ['a SECRET', 'left'], shown: ['a ***', 'left', 'fine'] },
    { keys: ['blocked', 'left'], shown: ['blocked', 'left', '[block]'] },
    { keys: ['password', 'plain'], shown: ['password', 'plain', '[secret]'] },
    { keys: [], shown: ['fine'] },
  ])('of the keys $keys each is looked at, and the strictest counts', ({ keys, shown }) => {
    const attribute = (texts: readonly string[], value: string): Buffer =>
      Buffer.concat([
        ...texts.map((key) => field(0x0a, Buffer.from(key))),
        field(0x12, field(0x0a, Buffer.from(value))),
      ])
    const masked = maskProtobuf('logs', logRecord(field(0x32, attribute(keys, 'fine'))), MASK)
    expect(masked).toEqual(logRecord(field(0x32, attribute(shown.slice(0, -1), shown.at(-1) ?? ''))))
  })

  test('what is nested too deeply to look at is left out', () => {
    let value = field(0x0a, Buffer.from('a SECRET'))
    for (let depth = 0; depth < 250; depth++) value = field(0x2a, field(0x0a, value))
    const attribute = Buffer.concat([field(0x0a, Buffer.from('k')), field(0x12, value)])
    expect(maskProtobuf('logs', logRecord(field(0x32, attribute)), MASK).toString()).not.toContain('SECRET')
  })

  test('a text with control characters in a field that is not known', () => {
    const request = logRecord(field(0x7a, Buffer.from('\x07\x1b[0m SECRET')))
    expect(maskProtobuf('logs', request, MASK).toString()).not.toContain('SECRET')
  })

  function logRecord(content: Buffer): Buffer {
    return field(0x0a, field(0x12, field(0x12, content)))
  }
})

describe('JSON', () => {
  test.for([
    {
      name: 'a text that is secret by its key, with members that are null or not known',
      text: '{"resourceLogs":[{"resource":{"attributes":[{"key":"password","value":{"stringValue":"x","intValue":null,"x":1}}]}}]}',
      masked: '{"resourceLogs":[{"resource":{"attributes":[{"key":"password","value":{"stringValue":"[secret]"}}]}}]}',
    },
    {
      name: 'spaces, escapes and numbers stay as they were written',
      text: ' {\n "resourceLogs" : [ { "scopeLogs" : [ { "logRecords" : [ { "later" : 1.0e+05 , "x": -0 , "body" : { "stringValue" : "\\u0053ECRET \\"q\\"" } , "t": 17709208841234567891 } ] } ] } ] } ',
      masked:
        ' {\n "resourceLogs" : [ { "scopeLogs" : [ { "logRecords" : [ { "later" : 1.0e+05 , "x": -0 , "body" : { "stringValue" : "*** \\"q\\"" } , "t": 17709208841234567891 } ] } ] } ] } ',
    },
    {
      name: 'members that OTLP does not know are looked at too',
      text: '{"later":{"deep":["SECRET",{"a":"SECRET"}],"n":null},"resourceLogs":[]}',
      masked: '{"later":{"deep":["***",{"a":"***"}],"n":null},"resourceLogs":[]}',
    },
    {
      name: 'attributes in members that OTLP does not know are masked by their keys',
      text: '{"later":[{"key":"password","value":{"stringValue":"x"}},{"key":"blocked","value":"x"},{"key":"password","value":4}]}',
      masked:
        '{"later":[{"key":"password","value":{"stringValue":"[secret]"}},{"key":"blocked","value":"[block]"},{"key":"password","value":4}]}',
    },
    {
      name: 'a key behind a value that was masked already',
      text: '{"later":[{"value":{"stringValue":"SECRET"},"key":"left"},{"value":{"stringValue":"SECRET"},"key":"password"}]}',
      masked:
        '{"later":[{"value":{"stringValue":"SECRET"},"key":"left"},{"value":{"stringValue":"[secret]"},"key":"password"}]}',
    },
    {
      name: 'a stricter key behind the value',
      text: '{"later":[{"key":"left","value":{"intValue":"5"},"key":"blocked","z":"SECRET"}]}',
      masked: '{"later":[{"key":"left","value":{"stringValue":"[block]"},"key":"blocked","z":"***"}]}',
    },
    {
      name: 'values of which only some are treated otherwise by a key behind them',
      text: '{"later":[{"a":"SECRET","value":{"x":"SECRET"},"value":"SECRET","b":"SECRET","value":{"y":"SECRET"},"key":"password","c":"SECRET"}]}',
      masked:
        '{"later":[{"a":"***","value":{"x":"***"},"value":"[secret]","b":"***","value":{"y":"***"},"key":"password","c":"***"}]}',
    },
    {
      name: 'texts where numbers should be',
      text: '{"later":[{"key":"k","value":{"intValue":"SECRET","boolValue":"SECRET","doubleValue":{"a":"SECRET"}}}]}',
      masked: '{"later":[{"key":"k","value":{"intValue":"***","boolValue":"***","doubleValue":{"a":"***"}}}]}',
    },
    {
      name: 'texts where ids, times and counts should be',
      text: '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"SECRET","endTimeUnixNano":["SECRET"],"flags":{"a":"SECRET"},"links":[{"flags":"SECRET","spanId":"\\u0053ECRET"}]}]}]}]}',
      masked:
        '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"***","endTimeUnixNano":["***"],"flags":{"a":"***"},"links":[{"flags":"***","spanId":"***"}]}]}]}]}',
    },
    {
      name: 'texts where bytes should be',
      text: '{"later":[{"key":"k","value":{"bytesValue":"a SECRET"}}]}',
      masked: '{"later":[{"key":"k","value":{"bytesValue":"a ***"}}]}',
    },
    {
      name: 'names and keys with escapes',
      text: '{"resourceLogs":[{"resource":{"attributes":[{"\\u006bey":"bl\\u006fcked","v\\u0061lue":{"stringValue":"x"}}]}}]}',
      masked:
        '{"resourceLogs":[{"resource":{"attributes":[{"\\u006bey":"bl\\u006fcked","v\\u0061lue":{"stringValue":"[block]"}}]}}]}',
    },
    {
      name: 'the key counts also where it stands behind the value',
      text: '{"resourceLogs":[{"resource":{"attributes":[{"value":{"stringValue":"x"},"key":"blocked"}]}}]}',
      masked: '{"resourceLogs":[{"resource":{"attributes":[{"value":{"stringValue":"[block]"},"key":"blocked"}]}}]}',
    },
    {
      name: 'of two keys the stricter one counts',
      text: '{"resourceLogs":[{"resource":{"attributes":[{"key":"blocked","key":"left","value":{"stringValue":"x"}}]}}]}',
      masked:
        '{"resourceLogs":[{"resource":{"attributes":[{"key":"blocked","key":"left","value":{"stringValue":"[block]"}}]}}]}',
    },
    {
      name: 'names of the protobuf files are understood',
      text: '{"resource_logs":[{"scope_logs":[{"log_records":[{"attributes":[{"key":"blocked","value":{"string_value":"x"}}]}]}]}]}',
      masked:
        '{"resource_logs":[{"scope_logs":[{"log_records":[{"attributes":[{"key":"blocked","value":{"stringValue":"[block]"}}]}]}]}]}',
    },
  ])('$name', ({ text, masked }) => {
    expect(maskJson(bytes(text), MASK).toString()).toBe(masked)
  })

  test('a million values before their key take no longer each than one', () => {
    const values = '"value":"x",'.repeat(1_000_000)
    const masked = maskJson(bytes(`{"later":{${values}"key":"blocked","z":"SECRET"}}`), MASK).toString()
    expect(masked === `{"later":{${values.replaceAll('"x"', '"[block]"')}"key":"blocked","z":"***"}}`).toBe(true)
  })

  test('ids and numbers are not looked at, but all other texts in their places', () => {
    const seen: string[] = []
    const seeing: RequestMask = {
      ...MASK,
      mayHold: ({ bytes: of }, start, end) => {
        seen.push(of.utf8Slice(start, end))
        return false
      },
    }
    const id = '0af7651916CD43dd8448eb211c80319c'
    const span = { traceId: id, flags: 1, startTimeUnixNano: '1771234567890123456', kind: 'SPAN_KIND_SERVER' }
    maskJson(bytes({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }), seeing)
    const point = { asDouble: '-1.5e-7', asInt: '-3', flags: '203.0.113.9', count: '078-05-1120' }
    const value = { intValue: '203.0.113.10' }
    const gauge = { dataPoints: [{ ...point, attributes: [{ key: 'k', value }] }] }
    maskJson(bytes({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge }] }] }] }), seeing)
    expect(seen).toEqual(['SPAN_KIND_SERVER', '203.0.113.9', '078-05-1120', '203.0.113.10'])
  })

  test.for([
    { name: 'a text with a space behind', text: '{"key":"k","value":{"stringValue":"SECRET"} }', found: ['text'] },
    {
      name: 'a map beside a text that is secret by its key',
      text: '{"key":"password","value":{"kvlistValue":{"values":[{"key":"SECRET","value":{"intValue":13}}]},"stringValue":"x"}}',
      found: ['secret'],
    },
    { name: 'a text before the key that allows it', text: '{"value":"SECRET","key":"left"}', found: [] },
    { name: 'a number before the key that allows it', text: '{"value":{"intValue":13},"key":"left"}', found: [] },
    { name: 'a text before the key that blocks it', text: '{"value":"SECRET","key":"blocked"}', found: ['block'] },
    { name: 'a text between two keys', text: '{"key":"password","value":"x","key":"blocked"}', found: ['block'] },
    {
      name: 'bytes before a key that makes them secret',
      text: `{"value":{"bytesValue":"${Buffer.from('SECRET').toString('base64')}"},"key":"password"}`,
      found: ['secret'],
    },
  ])('$name is found as often as it is masked', ({ text, found }) => {
    const finds: string[] = []
    const counting: RequestMask = {
      ...MASK,
      text: (of) => {
        const masked = MASK.text(of)
        if (masked !== of) finds.push('text')
        return masked
      },
      number: (value) => {
        const masked = MASK.number(value)
        if (masked !== undefined) finds.push('number')
        return masked
      },
      whole: (treatment) => {
        finds.push(treatment)
        return MASK.whole(treatment)
      },
    }
    maskJson(bytes(`{"later":${text}}`), counting)
    expect(finds).toEqual(found)
  })
})

describe('protobuf', () => {
  const field = (number: number, content: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from([((number & 15) << 3) | 2 | 0x80, number >> 4, content.length]), content])
  const known = jsonToProtobuf('logs', bytes(record({ key: 'k', value: { stringValue: 'fine' } })))

  test('unknown fields stay, and their texts are looked at', () => {
    const numbers = Buffer.from([0xf8, 0x3f, 0x96, 0x01])
    const nested = (text: string): Buffer => field(130, field(129, Buffer.from(text)))
    const request = Buffer.concat([numbers, known, field(131, Buffer.from('a SECRET')), nested('SECRET')])
    const masked = Buffer.concat([numbers, known, field(131, Buffer.from('a ***')), nested('***')])
    expect(maskProtobuf('logs', request, MASK)).toEqual(masked)
  })

  test('unknown bytes that are neither text nor message stay', () => {
    const request = Buffer.concat([known, field(131, Buffer.from([0xff, 0, 1, 2]))])
    expect(maskProtobuf('logs', request, MASK)).toBe(request)
  })
})

describe('nested deeply', () => {
  const nested = (open: string, close: string, levels: number): string =>
    `${open.repeat(levels)}{"stringValue":"SECRET"}${close.repeat(levels)}`
  const LEVELS = 100_000

  test.for([
    { name: 'lists', open: '{"arrayValue":{"values":[', close: ']}}' },
    { name: 'maps', open: '{"kvlistValue":{"values":[{"key":"k","value":', close: '}]}}' },
    { name: 'maps with their keys behind', open: '{"kvlistValue":{"values":[{"value":', close: ',"key":"k"}]}}' },
    {
      name: 'secrets',
      open: '{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"password","value":',
      close: '}]}}]}}',
    },
    { name: 'attributes in texts', open: '{"key":"a","value":{"stringValue":', close: '}}' },
    { name: 'attributes in texts, with spaces', open: '{"key":"a","value":{"stringValue":', close: '} }' },
    { name: 'attributes in numbers', open: '{"key":"a","value":{"intValue":', close: '}}' },
    { name: 'attributes in truth values', open: '{"key":"a","value":{"boolValue":[', close: ']}}' },
    { name: 'what nobody knows', open: '{"a":', close: '}' },
    { name: 'lists of what nobody knows', open: '{"a":[', close: ']}' },
  ])('$name: what is too deep is emptied, and no level takes longer than the one before', ({ open, close }) => {
    const value = nested(open, close, LEVELS)
    const body = bytes(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${value}}]}]}],"later":${value}}`)
    let emptied = 0
    const counting: RequestMask = {
      ...MASK,
      whole: (treatment) => {
        emptied += 1
        return MASK.whole(treatment)
      },
    }
    const masked = maskJson(body, counting).toString()
    expect(masked).not.toContain('SECRET')
    expect(JSON.parse(masked)).toBeTypeOf('object')
    expect(emptied).toBe(2)
  })

  test('an attribute in an attribute is looked at as often as one beside it', () => {
    const levels = 16
    let keys = 0
    const counting: RequestMask = {
      ...MASK,
      key: (...of) => {
        keys += 1
        return MASK.key(...of)
      },
    }
    const later = nested('{"key":"a","value":{"stringValue":', '} }', levels)
    expect(maskJson(bytes(`{"later":${later}}`), counting).toString()).toBe(
      `{"later":${later.replace('SECRET', '***')}}`,
    )
    expect(keys).toBeLessThanOrEqual(2 * levels)
  })

  test('100 levels of values are looked at', () => {
    const attribute = { key: 'k', value: JSON.parse(nested('{"arrayValue":{"values":[', ']}}', 100)) }
    const masked = maskJson(bytes(record(attribute)), MASK).toString()
    expect(masked).toBe(JSON.stringify(record(attribute)).replace('SECRET', '***'))
  })
})
