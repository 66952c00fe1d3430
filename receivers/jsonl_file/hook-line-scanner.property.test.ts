import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOOK_SPAN_NAMES, PRESENCE_HOOKS } from '#src/dialect/hook-span-names.ts'
import { hookSpans } from '#src/dialect/hook-spans.ts'
import type { Span } from '#src/model/telemetry.ts'
import type { Json } from '#src/store/store.ts'
import { HookLineScanner } from './hook-line-scanner.ts'
import { isObject } from './json.ts'
import { Origins } from './origins.ts'
import { isOtlpLine, readRecord } from './read-record.ts'

const SEED = 20_261_121
const START_S = Date.UTC(2026, 1, 12, 18, 28) / 1000
const LATEST_MS = START_S * 1000 + 86_400_000

const HOOKS = ['builtin-post-tool', 'mcp-post-tool', 'token-metrics-extraction', 'agent-post-tool', ...PRESENCE_HOOKS]
const KNOWN_KEYS = Object.values(HOOK_SPAN_NAMES).flat()

const plain = fc.constantFrom(
  'Read',
  'TaskUpdate',
  'completed',
  'true',
  '12',
  '',
  '<synthetic>',
  '/home/dev/a b.ts',
  7,
  true,
)
const scalar = fc.oneof(
  plain,
  fc.string({ maxLength: 20 }),
  fc.boolean(),
  fc.constant(null),
  fc.nat(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
)
const value = fc.oneof({ weight: 30, arbitrary: scalar }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })
const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<string>(...KNOWN_KEYS) },
  { weight: 2, arbitrary: fc.constantFrom('project.name', 'git.branch', '', '__proto__', 'constructor') },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
)
const attributes: fc.Arbitrary<[string, unknown][]> = fc.oneof(
  fc.array(fc.tuple(key, value), { maxLength: 14 }),
  fc.array(fc.tuple(fc.constantFrom<string>(...KNOWN_KEYS), plain), { maxLength: 14 }),
)
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const seconds = fc.oneof(
  { weight: 100, arbitrary: fc.integer({ min: START_S, max: START_S + 3600 }) },
  fc.constantFrom(0, -1, 1.5, 1e3, 1e15, 1e16),
)
const nanos = fc.oneof({ weight: 100, arbitrary: fc.nat(999_999_999) }, fc.constantFrom(-1, 0.5, 1e21))
const resource = fc.oneof(
  { weight: 100, arbitrary: fc.constant('{"serviceName":"claude-code-hooks","serviceVersion":"1.0.0"}') },
  fc.constantFrom('{}', 'null', '{"serviceName":"größe"}', '{"attributes":{"agentperf.agent_type":"a"}}', '{"a":1} '),
)
const hookLine = fc
  .record({
    traceId: fc.oneof({ weight: 100, arbitrary: hex(32) }, fc.constantFrom('', 'a"b', 'é')),
    spanId: fc.oneof({ weight: 100, arbitrary: hex(16) }, fc.constantFrom('', 'short', '\u2028')),
    name: fc.oneof(
      { weight: 100, arbitrary: fc.constantFrom(...HOOKS).map((hook) => `hook:${hook}`) },
      fc.constantFrom('hook:unheard-of', 'invoke_agent x', 'other', ''),
    ),
    times: fc.tuple(seconds, nanos, seconds, nanos),
    code: fc.oneof({ weight: 100, arbitrary: fc.constantFrom<Json>(0, 1, 2) }, fc.constantFrom<Json>(3, 'OK', null)),
    attributes,
    resource,
  })
  .map((line) => {
    const [startS, startN, endS, endN] = line.times
    // Written out, so that a key can come twice.
    const pairs = line.attributes.map(([name, told]) => `${JSON.stringify(name)}:${JSON.stringify(told)}`)
    return (
      `{"traceId":${JSON.stringify(line.traceId)},"spanId":${JSON.stringify(line.spanId)},` +
      `"name":${JSON.stringify(line.name)},"kind":0,"startTime":[${startS},${startN}],"endTime":[${endS},${endN}],` +
      `"duration":[0,5],"status":{"code":${JSON.stringify(line.code)}},"attributes":{${pairs.join(',')}},` +
      `"events":[],"links":[],"resource":${line.resource}}`
    )
  })

const structural = fc.constantFrom(
  ...'{}[]",:\\ \t\r.-+eE\u0000é',
  '{"',
  '",',
  '\\u0041',
  '\\"',
  ',"traceId":""',
  '\u{1f600}',
)
const noise = fc.oneof(structural, fc.constantFrom(...'0179abfnstz/_'))
const mutation = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), removed: fc.nat(4), inserted: noise })

/** What the parser makes of a line; `undefined` when that is no span. */
function parsed(bytes: Buffer): Span | undefined {
  try {
    const line: Json = JSON.parse(bytes.toString())
    if (!isObject(line) || isOtlpLine(line)) return undefined
    const record = readRecord(line, { origins: new Origins(), latestMs: LATEST_MS })
    return typeof record === 'object' && record.kind === 'span' ? record : undefined
  } catch {
    return undefined
  }
}

/** Everything that can be seen of a span, and what its dialect makes of it before and after all attributes were read. */
function seen(span: Span | undefined) {
  if (span === undefined) return undefined
  const { traceId, spanId, parentSpanId, name, startMs, endMs, status, resource: origin, scope } = span
  const reading = hookSpans.read(span)
  const { attributes: all } = span
  const own = Object.entries(all)
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    startMs,
    endMs,
    status,
    own,
    origin,
    scope,
    reading,
    again: hookSpans.read(span),
  }
}

/** @returns whether the line was scanned */
function expectSame(scanner: HookLineScanner, line: string): boolean {
  const bytes = Buffer.from(line)
  const window = Buffer.from(`before\n${line}\nafter`)
  const context = { origins: new Origins(), latestMs: LATEST_MS }
  const scanned = scanner.scan(window, 7, 7 + bytes.length, context)
  if (scanned !== undefined) {
    const before = seen(scanned)
    // Nothing is read again when the window has other lines.
    window.fill('x')
    expect(before, line).toEqual(seen(parsed(bytes)))
    expect(scanned.attributes, line).toEqual(Object.fromEntries(before?.own ?? []))
  }
  return scanned !== undefined
}

test(`lines of hooks: the scanner gives what the parser gives, or nothing (seed ${SEED})`, () => {
  const scanner = new HookLineScanner()
  let scanned = 0
  fc.assert(
    fc.property(hookLine, (line) => {
      if (expectSame(scanner, line)) scanned++
    }),
    { seed: SEED, numRuns: 5000 },
  )
  expect(scanned).toBeGreaterThan(500)
})

test(`damaged lines: the scanner gives what the parser gives, or nothing (seed ${SEED})`, () => {
  const scanner = new HookLineScanner()
  let scanned = 0
  fc.assert(
    fc.property(hookLine, fc.array(mutation, { minLength: 1, maxLength: 2 }), (line, mutations) => {
      const damaged = mutations.reduce((text, { at, removed, inserted }) => {
        const index = Math.floor(at * text.length)
        return text.slice(0, index) + inserted + text.slice(index + removed)
      }, line)
      if (!damaged.includes('\n') && expectSame(scanner, damaged)) scanned++
    }),
    { seed: SEED, numRuns: 10_000 },
  )
  expect(scanned).toBeGreaterThan(40)
})
