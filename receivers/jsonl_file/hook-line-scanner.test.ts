import { expect, test } from 'vitest'
import { HookLineScanner } from './hook-line-scanner.ts'
import { Origins } from './origins.ts'

const START_S = Date.UTC(2026, 1, 12, 18, 28) / 1000

const SPAN = {
  traceId: 'b8217e098bf8ad51a1cc1f8158f4eeb4',
  spanId: '7b7343cb23a78405',
  name: 'hook:builtin-post-tool',
  kind: 0,
  startTime: [START_S, 235_000_000],
  endTime: [START_S, 236_463_666],
  duration: [0, 1_463_666],
  status: { code: 1 },
  attributes: { 'session.id': 's1', 'builtin.tool': 'Edit', 'builtin.success': true, 'tokens.input': 1.5, 'a.b': '' },
  events: [],
  links: [],
  resource: { serviceName: 'claude-code-hooks', serviceVersion: '1.0.0' },
}

function scan(...lines: readonly string[]) {
  const scanner = new HookLineScanner()
  const context = { origins: new Origins(), latestMs: START_S * 1000 + 1000 }
  return lines.map((line) => scanner.scan(Buffer.from(`${line}\n`), 0, Buffer.byteLength(line), context))
}

test('lines as hooks write them are scanned, with all their attributes', () => {
  const other = { ...SPAN, attributes: { 'tokens.input': -2e-3, 'git.branch': 'main', 'builtin.tool': 'Read' } }
  const spans = scan(JSON.stringify(SPAN), JSON.stringify(other), JSON.stringify({ ...SPAN, attributes: {} }))
  expect(spans.map((span) => span?.attributes)).toEqual([SPAN.attributes, other.attributes, {}])
  expect(spans[0]).toMatchObject({ traceId: SPAN.traceId, spanId: SPAN.spanId, name: SPAN.name, status: 'ok' })
  expect([spans[0]?.startMs, spans[0]?.endMs]).toEqual([START_S * 1000 + 235, START_S * 1000 + 236.463])
  expect(spans[2]?.resource).toBe(spans[0]?.resource)
})

test.for<[what: string, line: string]>([
  ['escapes', JSON.stringify({ ...SPAN, attributes: { 'builtin.tool': 'a"b' } })],
  ['other letters', JSON.stringify({ ...SPAN, attributes: { 'git.branch': 'größe' } })],
  ['nested values', JSON.stringify({ ...SPAN, attributes: { list: [1] } })],
  ['events', JSON.stringify({ ...SPAN, events: [{ name: 'x' }] })],
  ['more keys', JSON.stringify({ ...SPAN, parentSpanId: '00f067aa0ba902b7' })],
  ['no end', JSON.stringify({ ...SPAN, endTime: [0, 0] })],
  ['a name that is not known', JSON.stringify({ ...SPAN, name: 'hook:new' })],
  ['white space', JSON.stringify(SPAN, undefined, 1).replaceAll('\n', '')],
  ['a carriage return', `${JSON.stringify(SPAN)}\r`],
  ['a cut', JSON.stringify(SPAN).slice(0, -1)],
])('left to the parser: lines with %s', ([, line]) => {
  expect(scan(line)).toEqual([undefined])
})
