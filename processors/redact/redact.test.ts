import { describe, expect, test } from 'vitest'
import type * as z from 'zod'
import type { Next } from '#src/component.ts'
import type { Attributes, AttributeValue, LogRecord, MetricPoint, Span, Telemetry } from '#src/model/telemetry.ts'
import { ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { Accounting } from '#src/service/accounting.ts'
import { configSchema } from './config.ts'
import { Masker } from './masker.ts'
import { redact } from './redact.ts'

const MAIL = 'ada@example.org'
const origin = { resource: { attributes: { 'service.name': 'claude-code' } }, scope: { name: 'events' } }

const log = (rest: Partial<LogRecord> = {}): LogRecord => ({
  kind: 'log',
  timeMs: 1,
  eventName: 'api_request',
  body: 'claude_code.api_request',
  attributes: { 'session.id': '406e1f60-399c-4f7b-8c2f-23eada68fdaa', input_tokens: 4000, ok: true },
  ...origin,
  ...rest,
})
const span = (rest: Partial<Span> = {}): Span => ({
  kind: 'span',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'claude_code.tool',
  startMs: 1,
  endMs: 2,
  status: 'unset',
  attributes: {},
  ...origin,
  ...rest,
})
const metric: MetricPoint = {
  kind: 'metric',
  name: 'claude_code.token.usage',
  unit: 'tokens',
  type: 'sum',
  temporality: 'delta',
  monotonic: true,
  startMs: 1,
  timeMs: 2,
  value: 4_111_111_111_111_111,
  attributes: {},
  ...origin,
}

function masking(config: z.input<typeof configSchema> = {}) {
  const masked: Record<string, number> = {}
  const masker = new Masker(configSchema.parse(config), (kind, count) => {
    masked[kind] = (masked[kind] ?? 0) + count
  })
  return { mask: (item: Telemetry) => masker.mask(item), masked }
}

function maskedAttributes(attributes: Attributes, config: z.input<typeof configSchema> = {}): Attributes {
  return masking(config).mask(log({ attributes })).attributes
}

test.for([log(), span(), metric])('what holds no secret is handed on as the same object ($kind)', (item) => {
  const { mask, masked } = masking()
  expect(mask(item)).toBe(item)
  expect(masked).toEqual({})
})

test.for<{ place: string; item: Telemetry }>([
  { place: 'an attribute', item: log({ attributes: { note: `to ${MAIL}` } }) },
  { place: 'a list in a map', item: log({ attributes: { deep: { list: [1, [`to ${MAIL}`]] } } }) },
  { place: 'a key', item: log({ attributes: { by_user: { [MAIL]: 3 } } }) },
  { place: 'bytes', item: log({ attributes: { raw: new TextEncoder().encode(`to ${MAIL}`) } }) },
  { place: 'a body', item: log({ body: `to ${MAIL}` }) },
  { place: 'a body of maps', item: log({ body: { text: { value: `to ${MAIL}` } } }) },
  { place: 'an event name', item: log({ eventName: `to ${MAIL}` }) },
  { place: 'a span name', item: span({ name: `to ${MAIL}` }) },
  { place: 'a metric name', item: { ...metric, name: `to ${MAIL}` } },
  { place: 'a resource', item: span({ resource: { attributes: { owner: MAIL } } }) },
  { place: 'a scope', item: span({ scope: { name: MAIL, version: '1' } }) },
])('a secret in $place is masked and counted once', ({ item }) => {
  const { mask, masked } = masking()
  const before = structuredClone(item)
  const after = mask(item)
  expect(readable(after)).not.toContain(MAIL)
  expect(readable(after)).toContain('[masked:email]')
  expect(masked).toEqual({ email: 1 })
  expect(item).toEqual(before)
  expect(mask(after)).toBe(after)
})

test.for([
  { signal: 'traces', lists: ['resourceSpans', 'scopeSpans', 'spans'] },
  { signal: 'logs', lists: ['resourceLogs', 'scopeLogs', 'logRecords'] },
] as const)('$signal that came in protobuf keep their ids when they are masked', ({ signal, lists }) => {
  const [resources, scopes, items] = lists
  const ids = { traceId: '0123456789abcdef'.repeat(2), spanId: '89abcdef01234567' }
  const item = { ...ids, attributes: [{ key: 'mail', value: { stringValue: 'someone@example.com' } }] }
  const body = encodeProtobuf(signal, { [resources]: [{ [scopes]: [{ [items]: [item] }] }] })
  const decoded = new ProtobufDecoder().decode(signal, body)
  const [masked] = decoded.ok ? decoded.items.map(masking().mask) : []
  expect(masked).toMatchObject(ids)
  expect(masked?.attributes.mail).not.toBe('someone@example.com')
})

test('what shares a resource goes on sharing it', () => {
  const { mask, masked } = masking()
  const resource = { attributes: { owner: MAIL } }
  const [first, second] = [mask(log({ resource })), mask(span({ resource }))]
  expect(first?.resource).toBe(second?.resource)
  expect(masked).toEqual({ email: 1 })
})

describe('by its key', () => {
  test.for<[key: string, value: AttributeValue, masked: unknown]>([
    ['db.password', 'hunter2', '[masked:secret]'],
    ['api_key', 'abc', '[masked:secret]'],
    ['http.request.header.authorization', ['x'], '[masked:secret]'],
    ['DB_PASS', 'hunter2', '[masked:secret]'],
    ['SIGNING_KEY', 'abc', '[masked:secret]'],
    ['clientSecret', 'abc', '[masked:secret]'],
    ['primary_key', 'id', 'id'],
    ['http.response.header.set-cookie', 'a', '[masked:secret]'],
    ['session_token', Buffer.from('x'), '[masked:secret]'],
    ['gen_ai.usage.input_tokens', '4000', '4000'],
    ['gen_ai.token.type', 'input', 'input'],
    ['token', 17, 17],
    ['user.email', 17, '[masked:blocked]'],
    ['user.account_uuid', 'x', '[masked:blocked]'],
    ['workspace.host_paths', ['/home/ada'], '[masked:blocked]'],
    ['user.id', 'anonymous', 'anonymous'],
  ])('%s: %j becomes %j', ([key, value, expected]) => {
    expect(maskedAttributes({ [key]: value })).toEqual({ [key]: expected })
  })

  test.for([
    ['a.*', 'a.b', true],
    ['a.*', 'b.a.c', false],
    ['*.path', 'file.path', true],
    ['*.path', 'file.path.x', false],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'ac', false],
    ['ab*ba', 'aba', false],
    ['*', 'anything', true],
    ['a.b', 'a_b', false],
  ] as const)('the pattern %s blocks %s: %s', ([pattern, key, blocked]) => {
    const expected = blocked ? '[masked:blocked]' : 'x'
    expect(maskedAttributes({ [key]: 'x' }, { block: [pattern] })).toEqual({ [key]: expected })
  })

  test('what is allowed is left as it is, also when it is blocked or a secret', () => {
    const attributes = { 'user.email': MAIL, note: MAIL }
    expect(maskedAttributes(attributes, { allow: ['user.*'] })).toEqual({ ...attributes, note: '[masked:email]' })
  })
})

test('keys that are masked alike keep their values apart', () => {
  expect(maskedAttributes({ [MAIL]: 1, 'bob@example.org': 2, '[masked:email]': 3 })).toEqual({
    '[masked:email]': 1,
    '[masked:email] 2': 2,
    '[masked:email] 3': 3,
  })
})

test('card numbers are found among numbers too', () => {
  const attributes = { a: 4_111_111_111_111_111, b: 4_111_111_111_111_111n, c: 4_111_111_111_111_112, d: 1763633266772 }
  expect(maskedAttributes(attributes)).toEqual({ ...attributes, a: '[masked:card]', b: '[masked:card]' })
})

test('only the kinds of the configuration are masked, and its own patterns', () => {
  const attributes = { a: `${MAIL} at 203.0.113.7, ACME-1234`, password: 'hunter2' }
  expect(maskedAttributes(attributes, { kinds: ['ip'], patterns: { ticket: 'ACME-[0-9]+' } })).toEqual({
    a: `${MAIL} at [masked:ip], [masked:ticket]`,
    password: 'hunter2',
  })
})

test.for([
  { kinds: ['nothing'] },
  { patterns: { ticket: '(' } },
  { patterns: { ticket: 'a*' } },
  { patterns: { 'No Name': 'a' } },
  { patterns: { ticket: 'a'.repeat(1001) } },
])('%j is refused', (config) => {
  expect(configSchema.safeParse(config).success).toBe(false)
})

test('what was masked is counted by kind, never shown', async () => {
  const accounting = new Accounting()
  const handedOn: Telemetry[] = []
  const next: Next<'telemetry'> = async (batch) => {
    handedOn.push(...batch)
  }
  const context = { items: accounting.itemsOf('redact') } as Parameters<typeof redact.create>[1]
  const processor = redact.create(configSchema.parse({}), context, next)
  await processor.consume([log({ body: `${MAIL} and ${MAIL}` }), span(), log({ attributes: { password: 'x' } })])
  const account = accounting.components().get('redact')
  expect(account).toMatchObject({
    received: 3,
    settled: { used: 3 },
    noticed: { masked_email: 2, masked_secret: 1 },
  })
  expect(handedOn).toHaveLength(3)
})

/** Text of everything in an item, bytes included. */
function readable(item: Telemetry): string {
  return JSON.stringify(item, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    if (value instanceof Uint8Array) return Buffer.from(value).toString()
    const isBytes = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
    return isBytes && 'data' in value ? Buffer.from(value.data as number[]).toString() : value
  })
}
