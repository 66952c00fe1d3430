import { describe, expect, test } from 'vitest'
import type { JsonObject } from './json.ts'
import { Origins } from './origins.ts'
import { isOtlpLine, readRecord } from './read-record.ts'

const START_MS = Date.UTC(2026, 1, 12, 18, 28)
const LATEST_MS = START_MS + 86_400_000
const START: [number, number] = [START_MS / 1000, 235_000_000]
const END: [number, number] = [START_MS / 1000, 236_463_666]

const SPAN: JsonObject = {
  traceId: 'b8217e098bf8ad51a1cc1f8158f4eeb4',
  spanId: '7b7343cb23a78405',
  name: 'hook:builtin-post-tool',
  kind: 0,
  startTime: START,
  endTime: END,
  duration: [0, 1463666],
  status: { code: 1 },
  attributes: { 'session.id': 's1', 'builtin.tool': 'Edit', 'builtin.success': true, 'tokens.input': '12' },
  events: [],
  links: [],
  resource: { serviceName: 'claude-code-hooks', serviceVersion: '1.0.0' },
}
const EVALUATION: JsonObject = {
  timestamp: '2026-02-12T18:28:00.000Z',
  name: 'gen_ai.evaluation.result',
  attributes: { 'gen_ai.evaluation.name': 'relevance', 'gen_ai.evaluation.score.value': 0.9, 'session.id': 's1' },
  traceId: '01743ff60ceab974b9d53bb09ff2fa3d',
}
const LOG: JsonObject = {
  timestamp: '2026-02-12T18:28:00.000Z',
  severityText: 'INFO',
  body: 'token metrics extracted',
  traceId: '39af9b6dd4e1d3d1b862cfc24bee6474',
  attributes: { 'hook.name': 'token-metrics-extraction' },
}

function read(line: JsonObject, origins = new Origins()) {
  return readRecord(line, { origins, latestMs: LATEST_MS })
}

function without(line: JsonObject, ...keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(line).filter(([key]) => !keys.includes(key)))
}

describe('hook spans', () => {
  test('a whole one', () => {
    expect(read(SPAN)).toEqual({
      kind: 'span',
      traceId: 'b8217e098bf8ad51a1cc1f8158f4eeb4',
      spanId: '7b7343cb23a78405',
      name: 'hook:builtin-post-tool',
      startMs: START_MS + 235,
      endMs: START_MS + 236.463,
      status: 'ok',
      attributes: SPAN.attributes,
      resource: { attributes: { 'service.name': 'claude-code-hooks', 'service.version': '1.0.0' } },
      scope: { name: '' },
    })
  })

  test('attributes are handed on as they are, numbers in texts too', () => {
    expect(read(SPAN)).toHaveProperty('attributes', expect.objectContaining({ 'tokens.input': '12' }))
    const span = read(SPAN)
    expect(typeof span === 'object' && span.attributes).toBe(SPAN.attributes)
  })

  test.for<{ name: string; line: JsonObject; gives: JsonObject }>([
    { name: 'a parent', line: { parentSpanId: 'abc' }, gives: { parentSpanId: 'abc' } },
    { name: 'status 0', line: { status: { code: 0 } }, gives: { status: 'unset' } },
    { name: 'status 2', line: { status: { code: 2, message: 'x' } }, gives: { status: 'error' } },
    { name: 'status OK', line: { status: { code: 'OK' } }, gives: { status: 'ok' } },
    { name: 'status ERROR', line: { status: { code: 'ERROR' } }, gives: { status: 'error' } },
    { name: 'status UNSET', line: { status: { code: 'UNSET' } }, gives: { status: 'unset' } },
    { name: 'no status', line: { status: null }, gives: { status: 'unset' } },
    { name: 'kind as text', line: { kind: 'INTERNAL' }, gives: { kind: 'span' } },
    { name: 'no usable duration', line: { duration: [null, 0] }, gives: { endMs: START_MS + 236.463 } },
    { name: 'no end but a duration', line: { endTime: null }, gives: { endMs: START_MS + 235 + 1.463 } },
    { name: 'no end and a duration in ms', line: { endTime: null, duration: 12 }, gives: { endMs: START_MS + 247 } },
    { name: 'an end of 0', line: { endTime: [0, 0], duration: [0, 0] }, gives: { endMs: START_MS + 235 } },
    { name: 'an end before the start', line: { endTime: [START_MS / 1000, 0] }, gives: { endMs: START_MS + 235 } },
    { name: 'no span id', line: { spanId: null }, gives: { spanId: '' } },
    { name: 'no attributes', line: { attributes: null }, gives: { attributes: {} } },
    { name: 'no resource', line: { resource: null }, gives: { resource: { attributes: {} } } },
    {
      name: 'a scope',
      line: { instrumentationScope: { name: 'hooks', version: '2' } },
      gives: { scope: { name: 'hooks', version: '2' } },
    },
    {
      name: 'more in the resource',
      line: { resource: { serviceName: 'x', 'host.name': 'h', attributes: { a: 1 } } },
      gives: { resource: { attributes: { 'service.name': 'x', 'host.name': 'h', a: 1 } } },
    },
  ])('$name', ({ line, gives }) => {
    expect(read({ ...SPAN, ...line })).toMatchObject(gives)
  })

  test.for<{ name: string; times: JsonObject }>([
    {
      name: 'startTimeUnixNano as text',
      times: { startTimeUnixNano: `${START_MS}000000`, endTimeUnixNano: `${START_MS + 1000}000000` },
    },
    {
      name: 'startTimeUnixNano as number',
      times: { startTimeUnixNano: START_MS * 1e6, endTimeUnixNano: (START_MS + 1000) * 1e6 },
    },
    {
      name: 'start_time_unix_nano',
      times: { start_time_unix_nano: `${START_MS}000000`, end_time_unix_nano: `${START_MS + 1000}000000` },
    },
    { name: 'durationMs', times: { startTimeUnixNano: `${START_MS}000000`, durationMs: 1000 } },
    { name: 'epoch milliseconds', times: { startTime: START_MS, endTime: START_MS + 1000 } },
  ])('times as $name', ({ times }) => {
    const line = { ...without(SPAN, 'startTime', 'endTime', 'duration'), ...times }
    expect(read(line)).toMatchObject({ startMs: START_MS, endMs: START_MS + 1000 })
  })

  test.for<{ name: string; line: JsonObject; fault: string }>([
    { name: 'an empty trace id', line: { ...SPAN, traceId: '' }, fault: 'missing_trace_id' },
    { name: 'no trace id', line: without(SPAN, 'traceId'), fault: 'missing_trace_id' },
    { name: 'no name', line: without(SPAN, 'name'), fault: 'missing_name' },
    { name: 'an empty name', line: { ...SPAN, name: '' }, fault: 'missing_name' },
    { name: 'a start that is no time', line: { ...SPAN, startTime: [null, 0] }, fault: 'invalid_time' },
    { name: 'a start in 1970', line: { ...SPAN, startTime: [2, 0] }, fault: 'implausible_time' },
    { name: 'an end in 1970', line: { ...SPAN, endTime: [2, 0] }, fault: 'implausible_time' },
    { name: 'a start before 2018', line: { ...SPAN, startTime: [1_514_764_799, 0] }, fault: 'implausible_time' },
    { name: 'an end after tomorrow', line: { ...SPAN, endTime: [LATEST_MS / 1000 + 1, 0] }, fault: 'implausible_time' },
    { name: 'a duration beyond tomorrow', line: { ...SPAN, endTime: null, duration: 9e9 }, fault: 'implausible_time' },
  ])('are refused with $name', ({ line, fault }) => {
    expect(read(line)).toBe(fault)
  })
})

describe('evaluations', () => {
  test('become log records with the event name of today', () => {
    expect(read(EVALUATION)).toEqual({
      kind: 'log',
      timeMs: START_MS,
      eventName: 'gen_ai.evaluation.result',
      traceId: '01743ff60ceab974b9d53bb09ff2fa3d',
      attributes: EVALUATION.attributes,
      resource: { attributes: {} },
      scope: { name: '' },
    })
  })

  test('of older forms keep their top-level keys as attributes', () => {
    const line = { timestamp: START_MS, evaluationName: 'relevance', sessionId: 's1', scoreValue: 0.8, schemaUrl: 'x' }
    expect(read(line)).toMatchObject({
      timeMs: START_MS,
      eventName: 'gen_ai.evaluation.result',
      attributes: { evaluationName: 'relevance', sessionId: 's1', scoreValue: 0.8 },
    })
    expect(read({ timestamp: START_MS, 'evaluation.name': 'relevance' })).toHaveProperty('attributes', {
      'evaluation.name': 'relevance',
    })
    expect(read({ ...EVALUATION, sessionId: 's2', org_id: 'o' })).toHaveProperty('attributes', {
      ...(EVALUATION.attributes as JsonObject),
      sessionId: 's2',
      org_id: 'o',
    })
  })

  test('with an attribute of the same name keep the attribute', () => {
    expect(read({ ...EVALUATION, sessionId: 'top', attributes: { sessionId: 'own' } })).toHaveProperty('attributes', {
      sessionId: 'own',
    })
  })

  test.for<[timestamp: JsonObject[string], result: unknown]>([
    ['2026-02-12T18:28:00+00:00', { timeMs: START_MS }],
    [START_MS / 1000, { timeMs: START_MS }],
    [`${START_MS}000000`, { timeMs: START_MS }],
    [null, 'invalid_time'],
    ['soon', 'invalid_time'],
    ['2017-12-31T23:59:59Z', 'implausible_time'],
  ])('with the timestamp %j', ([timestamp, result]) => {
    const record = read({ ...EVALUATION, timestamp })
    if (typeof result === 'string') expect(record).toBe(result)
    else expect(record).toMatchObject(result as JsonObject)
  })
})

describe('log records', () => {
  test('a whole one', () => {
    expect(read(LOG)).toEqual({
      kind: 'log',
      timeMs: START_MS,
      severity: 'INFO',
      body: 'token metrics extracted',
      traceId: '39af9b6dd4e1d3d1b862cfc24bee6474',
      attributes: LOG.attributes,
      resource: { attributes: {} },
      scope: { name: '' },
    })
  })

  test.for<{ name: string; line: JsonObject; gives: JsonObject }>([
    { name: 'severity', line: { timestamp: START_MS, severity: 'WARN' }, gives: { severity: 'WARN', attributes: {} } },
    { name: 'a body that is an object', line: { timestamp: START_MS, body: { a: [1] } }, gives: { body: { a: [1] } } },
    { name: 'an event name', line: { ...LOG, eventName: 'e' }, gives: { eventName: 'e' } },
    { name: 'an event name attribute', line: { ...LOG, attributes: { 'event.name': 'e' } }, gives: { eventName: 'e' } },
    { name: 'a span id', line: { ...LOG, spanId: 'abc' }, gives: { spanId: 'abc' } },
    { name: 'other keys', line: { ...LOG, sessionId: 's1' }, gives: { attributes: { sessionId: 's1' } } },
  ])('with $name', ({ line, gives }) => {
    expect(read(line)).toMatchObject(gives)
  })

  test('without a usable time are refused', () => {
    expect(read({ ...LOG, timestamp: 'x' })).toBe('invalid_time')
    expect(read({ ...LOG, timestamp: 1 })).toBe('implausible_time')
  })
})

test.for<JsonObject>([
  {},
  { t: 1, body: { hook_event_name: 'Stop' } },
  { type: 'user', message: {}, timestamp: '2026-02-12T18:28:00Z', sessionId: 's1' },
  { session_id: 's1', kpis: {} },
  { name: 'x', duration: 3 },
])('%j is of none of these kinds', (line) => {
  expect(read(line)).toBeUndefined()
  expect(isOtlpLine(line)).toBe(false)
})

test('lines of one origin share its resource, which no other line can change', () => {
  const origins = new Origins()
  const resourceOf = (resource: JsonObject) => {
    const span = read({ ...SPAN, resource }, origins)
    return typeof span === 'object' ? span.resource : undefined
  }
  const one = resourceOf({ serviceName: 'a', serviceVersion: '1' })
  const other = resourceOf({ serviceName: 'a', serviceVersion: '2' })
  expect(resourceOf({ serviceVersion: '1', serviceName: 'a' })).toBe(one)
  expect(resourceOf({ serviceName: 'a', serviceVersion: '2' })).toBe(other)
  expect(other).not.toBe(one)
  expect(resourceOf({ serviceName: 'a' })).toEqual({ attributes: { 'service.name': 'a' } })
  expect(resourceOf({ serviceName: { x: 1 } })).toEqual({ attributes: { 'service.name': { x: 1 } } })
  expect(resourceOf({ serviceName: { y: 2 } })).toEqual({ attributes: { 'service.name': { y: 2 } } })
  expect(resourceOf({ serviceName: 7, serviceVersion: null })).toEqual({ attributes: { 'service.name': 7 } })
  expect(resourceOf({ serviceName: 'undefined' })).not.toBe(resourceOf({}))
})
