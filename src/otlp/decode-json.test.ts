import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttributeValue, LogRecord, MetricPoint, Span, Telemetry } from '#src/model/telemetry.ts'
import { decodeJsonRequest } from './decode-json.ts'

const TIME = '1771070400123456789'
const TIME_MS = 1_771_070_400_123.456

function itemsOf(request: unknown): readonly Telemetry[] {
  const decoded = decodeJsonRequest(request)
  if (!decoded.ok) throw new Error(`${decoded.error.path}: ${decoded.error.expected}, got ${decoded.error.got}`)
  return decoded.items
}

function spanOf(span: unknown): Span | undefined {
  return itemsOf({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }).find((item) => item.kind === 'span')
}

function logOf(record: unknown): LogRecord | undefined {
  return itemsOf({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }).find((item) => item.kind === 'log')
}

function pointsOf(metric: unknown): readonly MetricPoint[] {
  return itemsOf({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] }).filter(
    (item) => item.kind === 'metric',
  )
}

function attribute(value: unknown): AttributeValue | undefined {
  return spanOf({ attributes: [{ key: 'k', value }] })?.attributes.k
}

describe('a request', () => {
  test('with spans, logs and metrics gives all of them, with their shared resource and scope', () => {
    const resource = {
      attributes: [{ key: 'service.name', value: { stringValue: 'claude-code' } }],
      droppedAttributesCount: 0,
    }
    const scope = { name: 'lib', version: '1.2', attributes: [] }
    const items = itemsOf({
      resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [{ name: 'a' }, { name: 'b' }] }] }],
      resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{}] }] }],
      resourceMetrics: [{ scopeMetrics: [{ scope, metrics: [{ name: 'm', sum: { dataPoints: [{ asInt: '1' }] } }] }] }],
    })
    expect(items.map(({ kind }) => kind)).toEqual(['span', 'span', 'log', 'metric'])
    expect(items[0]?.resource).toEqual({ attributes: { 'service.name': 'claude-code' } })
    expect(items[1]?.resource).toBe(items[0]?.resource)
    expect(items[1]?.scope).toBe(items[0]?.scope)
    expect(items[0]?.scope).toEqual({ name: 'lib', version: '1.2' })
    expect(items[2]?.scope).toEqual({ name: '' })
    expect(items[3]?.resource).toEqual({ attributes: {} })
  })

  test.for<[request: unknown]>([
    [{}],
    [{ resourceSpans: [] }],
    [{ resourceSpans: null, resourceLogs: null }],
    [{ resourceSpans: [{}] }],
    [{ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'unknown kind', other: {} }] }] }] }],
    [{ unknown: 1, resource_spans: 7 }],
  ])('%j is empty', ([request]) => {
    expect(decodeJsonRequest(request)).toEqual({ ok: true, items: [], skipped: 0 })
  })
})

describe('spans', () => {
  test('a whole one', () => {
    const span = {
      traceId: '5B8EFFF798038103D269B633813FC60C',
      spanId: 'EEE19B7EC3C1B174',
      parentSpanId: 'eee19b7ec3c1b173',
      name: 'I am a span',
      kind: 2,
      startTimeUnixNano: TIME,
      endTimeUnixNano: '1771070401000000000',
      attributes: [{ key: 'a', value: { intValue: 5 } }],
      status: { code: 2, message: 'failed' },
      events: [{ name: 'ignored' }],
    }
    expect(spanOf(span)).toEqual({
      kind: 'span',
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: 'eee19b7ec3c1b173',
      name: 'I am a span',
      startMs: TIME_MS,
      endMs: 1_771_070_401_000,
      status: 'error',
      attributes: { a: 5 },
      resource: { attributes: {} },
      scope: { name: '' },
    })
  })

  test('nothing but defaults', () => {
    const fields = [
      'traceId',
      'spanId',
      'parentSpanId',
      'name',
      'startTimeUnixNano',
      'endTimeUnixNano',
      'status',
      'attributes',
    ]
    const defaults = { traceId: '', spanId: '', name: '', startMs: 0, endMs: 0, status: 'unset', attributes: {} }
    expect(spanOf({})).toMatchObject(defaults)
    expect(spanOf({})).not.toHaveProperty('parentSpanId')
    expect(spanOf(Object.fromEntries(fields.map((field) => [field, null])))).toEqual(spanOf({}))
  })

  test('without an end, it ends where it starts', () => {
    expect(spanOf({ startTimeUnixNano: TIME, endTimeUnixNano: '0' })).toMatchObject({ endMs: TIME_MS })
  })

  test.for<[code: unknown, status: string]>([
    [0, 'unset'],
    [1, 'ok'],
    [2, 'error'],
    [99, 'unset'],
    ['STATUS_CODE_UNSET', 'unset'],
    ['STATUS_CODE_OK', 'ok'],
    ['STATUS_CODE_ERROR', 'error'],
    [null, 'unset'],
  ])('status %j is %s', ([code, status]) => {
    expect(spanOf({ status: { code } })?.status).toBe(status)
  })
})

describe('values', () => {
  test.for<[value: unknown, read: AttributeValue]>([
    [{ stringValue: 'a' }, 'a'],
    [{ stringValue: '' }, ''],
    [{ boolValue: false }, false],
    [{ intValue: '12' }, 12],
    [{ intValue: -12 }, -12],
    [{ intValue: '9007199254740991' }, 9_007_199_254_740_991],
    [{ intValue: '9007199254740993' }, 9_007_199_254_740_993n],
    [{ intValue: '-9223372036854775808' }, -(2n ** 63n)],
    [{ intValue: '9223372036854775807' }, 2n ** 63n - 1n],
    [{ intValue: 2 ** 63 }, 2n ** 63n - 1n],
    [{ intValue: 2 ** 53 }, 2n ** 53n],
    [{ doubleValue: 0.5 }, 0.5],
    [{ doubleValue: '-1.5e3' }, -1500],
    [{ doubleValue: 'NaN' }, Number.NaN],
    [{ doubleValue: '-Infinity' }, Number.NEGATIVE_INFINITY],
    [{ bytesValue: 'AP8=' }, new Uint8Array([0, 255])],
    [{ bytesValue: '-_8' }, new Uint8Array([251, 255])],
    [{ arrayValue: { values: [{ intValue: 1 }, {}, { stringValue: 'x' }] } }, [1, null, 'x']],
    [{ arrayValue: {} }, []],
    [
      { kvlistValue: { values: [{ key: 'a', value: { kvlistValue: { values: [{ key: 'b' }] } } }] } },
      { a: { b: null } },
    ],
    [{}, null],
    [null, null],
    [undefined, null],
    [{ stringValue: null }, null],
    [{ stringValue: null, intValue: 3 }, 3],
    [{ newKindOfValue: 1 }, null],
  ])('%o is %o', ([value, read]) => {
    expect(attribute(value)).toEqual(read)
  })

  test('a key may be any text, __proto__ too, and the last of equal keys wins', () => {
    const attributes =
      JSON.parse(`[{"key":"__proto__","value":{"kvlistValue":{"values":[{"key":"polluted","value":{"boolValue":true}}]}}},
      {"key":"constructor","value":{"intValue":1}},{"key":"a","value":{"intValue":1}},{"key":"a","value":{"intValue":2}},{"value":{"intValue":3}}]`)
    const read = spanOf({ attributes })?.attributes
    expect(Object.entries(read ?? {})).toEqual([
      ['__proto__', { polluted: true }],
      ['constructor', 1],
      ['a', 2],
      ['', 3],
    ])
    expect(read).not.toHaveProperty('polluted')
    expect({}).not.toHaveProperty('polluted')
  })

  test('nesting is followed for 100 levels', () => {
    const nested = (levels: number): unknown =>
      levels === 1 ? { stringValue: 'deep' } : { arrayValue: { values: [nested(levels - 1)] } }
    expect(JSON.stringify(attribute(nested(100)))).toContain('deep')
    const decoded = decodeJsonRequest({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: nested(101) }] }] }] })
    expect(decoded).toMatchObject({ ok: false, error: { expected: 'at most 100 levels of values' } })
  })
})

describe('log records', () => {
  test('a whole one', () => {
    const record = {
      timeUnixNano: TIME,
      observedTimeUnixNano: '1771070400999999999',
      severityNumber: 9,
      severityText: 'Information',
      eventName: 'browser.page_view',
      body: { kvlistValue: { values: [{ key: 'a', value: { intValue: '1' } }] } },
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      flags: 1,
    }
    expect(logOf(record)).toEqual({
      kind: 'log',
      timeMs: TIME_MS,
      eventName: 'browser.page_view',
      severity: 'Information',
      body: { a: 1 },
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      attributes: {},
      resource: { attributes: {} },
      scope: { name: '' },
    })
  })

  test('what is absent stays absent', () => {
    expect(Object.keys(logOf({ body: null, severityText: '', eventName: '', traceId: '' }) ?? {})).toEqual([
      'kind',
      'timeMs',
      'attributes',
      'resource',
      'scope',
    ])
    expect(logOf({ body: {} })).toHaveProperty('body', null)
  })

  test.for<{ name: string; record: object; gives: object }>([
    {
      name: 'no time has the observed one',
      record: { timeUnixNano: '0', observedTimeUnixNano: TIME },
      gives: { timeMs: TIME_MS },
    },
    { name: 'no time at all', record: {}, gives: { timeMs: 0 } },
    {
      name: 'an event name among the attributes',
      record: { attributes: [{ key: 'event.name', value: { stringValue: 'codex.tool_result' } }] },
      gives: { eventName: 'codex.tool_result', attributes: { 'event.name': 'codex.tool_result' } },
    },
    {
      name: 'two event names',
      record: { eventName: 'field', attributes: [{ key: 'event.name', value: { stringValue: 'attribute' } }] },
      gives: { eventName: 'field' },
    },
    { name: 'a severity number', record: { severityNumber: 9 }, gives: { severity: 'INFO' } },
    { name: 'a finer severity number', record: { severityNumber: 20 }, gives: { severity: 'ERROR4' } },
    { name: 'a severity by name', record: { severityNumber: 'SEVERITY_NUMBER_WARN' }, gives: { severity: 'WARN' } },
  ])('with $name', ({ record, gives }) => {
    expect(logOf(record)).toMatchObject(gives)
  })
})

describe('metrics', () => {
  const POINT = { startTimeUnixNano: '1771070400000000000', timeUnixNano: TIME }

  test.for<{ name: string; metric: object; gives: object }>([
    {
      name: 'a gauge',
      metric: { gauge: { dataPoints: [{ ...POINT, asDouble: 10.5 }] } },
      gives: { type: 'gauge', value: 10.5, temporality: 'unspecified', monotonic: false },
    },
    {
      name: 'a delta sum',
      metric: { sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...POINT, asInt: '12' }] } },
      gives: { type: 'sum', value: 12, temporality: 'delta', monotonic: true },
    },
    {
      name: 'a cumulative sum by name',
      metric: { sum: { aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE', dataPoints: [{ asInt: 0 }] } },
      gives: { type: 'sum', value: 0, temporality: 'cumulative', startMs: undefined, timeMs: 0 },
    },
    {
      name: 'a histogram',
      metric: {
        histogram: { aggregationTemporality: 2, dataPoints: [{ ...POINT, count: '3', sum: 4.5, bucketCounts: ['3'] }] },
      },
      gives: { type: 'histogram', value: 4.5, count: 3, temporality: 'cumulative' },
    },
    {
      name: 'an exponential histogram',
      metric: { exponentialHistogram: { dataPoints: [{ ...POINT, count: 3, sum: 10, scale: 0 }] } },
      gives: { type: 'exponential_histogram', value: 10, count: 3 },
    },
    {
      name: 'a summary',
      metric: { summary: { dataPoints: [{ ...POINT, count: '2', sum: 7, quantileValues: [] }] } },
      gives: { type: 'summary', value: 7, count: 2 },
    },
  ])('$name', ({ metric, gives }) => {
    expect(pointsOf({ name: 'm', unit: 's', ...metric })).toEqual([
      {
        kind: 'metric',
        name: 'm',
        unit: 's',
        temporality: 'unspecified',
        monotonic: false,
        startMs: 1_771_070_400_000,
        timeMs: TIME_MS,
        attributes: {},
        resource: { attributes: {} },
        scope: { name: '' },
        ...gives,
      },
    ])
  })

  test('points without a value are skipped and counted', () => {
    const dataPoints = [{ asInt: 1 }, { asInt: 1, flags: 1 }, {}, { asDouble: 2, flags: 2 }]
    const metrics = [{ gauge: { dataPoints } }, { histogram: { dataPoints: [{ count: 3 }, { count: 0, sum: 0 }] } }]
    const decoded = decodeJsonRequest({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] })
    expect(decoded).toMatchObject({ ok: true, skipped: 3, items: [{ value: 1 }, { value: 2 }, { value: 0, count: 0 }] })
  })
})

test.for<[text: unknown, ms: number]>([
  ['1771070400000000000', 1_771_070_400_000],
  ['1771070399999999999', 1_771_070_399_999.999],
  ['1771070400123456789', 1_771_070_400_123.456],
  [1_771_070_400_235_000_000, 1_771_070_400_235],
  [1_771_070_400_000_001_000, 1_771_070_400_000.001],
  ['999', 0],
  ['1000', 0.001],
  ['0', 0],
  [0, 0],
  ['18446744073709551615', 18_446_744_073_709.551],
])('the time %j is %d ms', ([timeUnixNano, ms]) => {
  expect(logOf({ timeUnixNano })?.timeMs).toBeCloseTo(ms, 3)
  expect(Math.floor(logOf({ timeUnixNano })?.timeMs ?? -1)).toBe(Math.floor(ms))
})

describe('a request with an error is refused as a whole, with the place and no content', () => {
  const SPANS = 'resourceSpans[0].scopeSpans[0].spans'
  const DEEP = { arrayValue: { values: [{ kvlistValue: { values: [{ key: 'a', value: { intValue: 'secret' } }] } }] } }

  test.for<{ span: unknown; path: string; expected: string; got: string }>([
    { span: null, path: '[1]', expected: 'an object', got: 'null' },
    { span: 'secret', path: '[1]', expected: 'an object', got: 'a string' },
    { span: { name: 7 }, path: '[1].name', expected: 'a string', got: 'a number' },
    { span: { traceId: 'secret' }, path: '[1].traceId', expected: '32 hex digits', got: '6 characters of text' },
    {
      span: { spanId: 'secret-secret-16' },
      path: '[1].spanId',
      expected: '16 hex digits',
      got: '16 characters of text',
    },
    {
      span: { startTimeUnixNano: 'secret' },
      path: '[1].startTimeUnixNano',
      expected: 'a time in nanoseconds',
      got: 'text that is none',
    },
    {
      span: { startTimeUnixNano: '1.5' },
      path: '[1].startTimeUnixNano',
      expected: 'a time in nanoseconds',
      got: 'text that is none',
    },
    {
      span: { startTimeUnixNano: true },
      path: '[1].startTimeUnixNano',
      expected: 'a time in nanoseconds',
      got: 'a boolean',
    },
    {
      span: { startTimeUnixNano: '-1' },
      path: '[1].startTimeUnixNano',
      expected: 'an integer of 64 bits',
      got: 'one that is out of range',
    },
    {
      span: { startTimeUnixNano: -1 },
      path: '[1].startTimeUnixNano',
      expected: 'an integer of 64 bits',
      got: 'one that is out of range',
    },
    {
      span: { startTimeUnixNano: '18446744073709551616' },
      path: '[1].startTimeUnixNano',
      expected: 'an integer of 64 bits',
      got: 'one that is out of range',
    },
    {
      span: { startTimeUnixNano: 1.5 },
      path: '[1].startTimeUnixNano',
      expected: 'an integer',
      got: 'a number with a fraction',
    },
    { span: { status: [] }, path: '[1].status', expected: 'an object', got: 'a list' },
    {
      span: { status: { code: {} } },
      path: '[1].status.code',
      expected: 'the number or name of an enum value',
      got: 'an object',
    },
    { span: { attributes: {} }, path: '[1].attributes', expected: 'a list', got: 'an object' },
    {
      span: { attributes: [{ key: 'k', value: 'secret' }] },
      path: '[1].attributes[0].value',
      expected: 'an object',
      got: 'a string',
    },
    {
      span: { attributes: [{ key: 'k', value: { intValue: 1.5 } }] },
      path: '[1].attributes[0].value.intValue',
      expected: 'an integer',
      got: 'a number with a fraction',
    },
    {
      span: { attributes: [{ key: 'k', value: { intValue: '9223372036854775808' } }] },
      path: '[1].attributes[0].value.intValue',
      expected: 'an integer of 64 bits',
      got: 'one that is out of range',
    },
    {
      span: { attributes: [{ key: 'k', value: { boolValue: 'true' } }] },
      path: '[1].attributes[0].value.boolValue',
      expected: 'a boolean',
      got: 'a string',
    },
    {
      span: { attributes: [{ key: 'k', value: { doubleValue: 'secret' } }] },
      path: '[1].attributes[0].value.doubleValue',
      expected: 'a number',
      got: 'text that is none',
    },
    {
      span: { attributes: [{ key: 'k', value: { bytesValue: '?secret' } }] },
      path: '[1].attributes[0].value.bytesValue',
      expected: 'base64',
      got: '7 characters of other text',
    },
    {
      span: { attributes: [{}, { key: 'k', value: DEEP }] },
      path: '[1].attributes[1].value.arrayValue.values[0].kvlistValue.values[0].value.intValue',
      expected: 'an integer',
      got: 'text that is none',
    },
  ])('spans$path', ({ span, path, expected, got }) => {
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'fine' }, span] }] }] }
    const decoded = decodeJsonRequest(request)
    expect(decoded).toEqual({ ok: false, error: { path: `${SPANS}${path}`, expected, got } })
    expect(JSON.stringify(decoded)).not.toContain('secret')
  })

  test.for<[request: unknown, path: string]>([
    [null, ''],
    [[], ''],
    ['secret', ''],
    [{ resourceSpans: {} }, 'resourceSpans'],
    [{ resourceLogs: [{ resource: 7 }] }, 'resourceLogs[0].resource'],
    [{ resourceLogs: [{ scopeLogs: [{ scope: { name: {} } }] }] }, 'resourceLogs[0].scopeLogs[0].scope.name'],
    [
      { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: 'secret' }] }] }] },
      'resourceLogs[0].scopeLogs[0].logRecords[0].body',
    ],
    [
      { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [{ count: -1 }] } }] }] }] },
      'resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].count',
    ],
  ])('%j', ([request, path]) => {
    expect(decodeJsonRequest(request)).toMatchObject({ ok: false, error: { path } })
  })
})

describe('a request in which one value was exchanged for any other', () => {
  const attributes = [{ key: 'k', value: { arrayValue: { values: [{ intValue: '1' }, { bytesValue: 'AA==' }] } } }]
  const times = { startTimeUnixNano: TIME, endTimeUnixNano: TIME, timeUnixNano: TIME }
  const ids = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' }
  const request = {
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [{ ...ids, ...times, status: { code: 1 } }] }] }],
    resourceLogs: [
      { scopeLogs: [{ logRecords: [{ ...ids, ...times, body: { stringValue: 'x' }, severityNumber: 9 }] }] },
    ],
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            scope: { name: 's' },
            metrics: [
              { name: 'm', sum: { isMonotonic: true, dataPoints: [{ ...times, asInt: '1', flags: 0 }] } },
              { name: 'h', histogram: { dataPoints: [{ ...times, count: '1', sum: 2, attributes }] } },
            ],
          },
        ],
      },
    ],
  }

  test('is decoded or refused, but never gives a time that is no number, and nothing throws', () => {
    let decodedCount = 0
    let refusedCount = 0
    const property = fc.property(fc.nat({ max: 200 }), fc.jsonValue(), (place, value) => {
      const decoded = decodeJsonRequest(withValueAt(request, place, value))
      if (!decoded.ok) {
        refusedCount++
        expect(decoded.error.got).not.toBe('')
        return
      }
      decodedCount++
      for (const item of decoded.items) {
        const numbers = item.kind === 'span' ? [item.startMs, item.endMs] : [item.timeMs]
        expect(numbers.every(Number.isFinite)).toBe(true)
      }
    })
    fc.assert(property, { seed: 20_261_120, numRuns: 3000 })
    expect(Math.min(decodedCount, refusedCount)).toBeGreaterThan(100)
  })
})

/** A copy in which the value at a place, counted from the outside in, is another one. */
function withValueAt(root: unknown, place: number, value: unknown): unknown {
  let left = place
  return JSON.parse(JSON.stringify(root, (_, node) => (left-- === 0 ? value : node)))
}
