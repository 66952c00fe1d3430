import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Attributes, AttributeValue, Telemetry } from '../model/telemetry.ts'
import { DIALECTS, readTelemetry } from './dialects.ts'

const SEED = 20_261_123
const RUNS = 8000

const SERVICES = ['claude-code', 'claude-code-hooks', 'codex_exec', 'gemini-cli', 'qwen-code', 'github-copilot', 'shop']

/** Names that dialects know, so that chance gets past the first question. */
const NAMES = [
  ...['builtin-post-tool', 'mcp-post-tool', 'token-metrics-extraction', 'agent-pre-tool', 'subagent-stop'].map(
    (name) => `hook:${name}`,
  ),
  ...['user_prompt', 'api_request', 'api_error', 'tool_result', 'tool_decision', 'compaction', 'subagent_completed']
    .concat(['interaction', 'llm_request', 'tool', 'tool.execution', 'token.usage', 'cost.usage', 'active_time.total'])
    .map((name) => `claude_code.${name}`),
  ...['sse_event', 'api_request', 'tool_result', 'tool_decision', 'turn.token_usage', 'turn.e2e_duration_ms'].map(
    (name) => `codex.${name}`,
  ),
  ...['api_response', 'api_error', 'tool_call', 'agent.start', 'agent.finish', 'token.usage'].flatMap((name) => [
    `gemini_cli.${name}`,
    `qwen-code.${name}`,
  ]),
  ...['interaction', 'llm_request', 'tool', 'subagent'].map((name) => `qwen-code.${name}`),
  ...['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure', 'TaskCompleted', 'SubagentStop'].map(
    (event) => `claude_hook.${event}`,
  ),
  ...['message', 'tool_result', 'prompt', 'compaction'].map((event) => `claude_transcript.${event}`),
  ...['model_call', 'token_count', 'tool_output'].map((event) => `codex_rollout.${event}`),
  'session_task.turn',
  // Few of the values that come with it make a score: it must come often.
  ...Array.from({ length: 6 }, () => 'gen_ai.evaluation.result'),
  'gen_ai.client.inference.operation.details',
  'gen_ai.client.token.usage',
  'gen_ai.client.inference.usage.input_tokens',
  'chat',
]

/** Values that decide which way a dialect goes. */
const WORDS = [
  ...['true', 'false', 'reject', 'denied', 'response.completed', 'input', 'output', 'cache', 'thought', 'tool'],
  ...[
    'cached_input',
    'chat',
    'execute_tool',
    'invoke_agent',
    'llm',
    'relevance',
    'completed',
    'userQuery',
    'TaskUpdate',
  ],
]

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.constantFrom(
    ...WORDS,
    '',
    ' ',
    'NaN',
    '-1',
    '1e400',
    '0x10',
    '__proto__',
    '{"taskId":1}',
    '\uD800',
    'x'.repeat(5000),
  ),
  fc.double(),
  fc.integer(),
  fc.constantFrom(0.5, 3, -1, -0, 2 ** 53, 1e300, Number.NaN, Number.POSITIVE_INFINITY),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 4 }),
  fc.constantFrom<AttributeValue>([], [1], {}, { a: [null] }),
)

type Words = readonly [operation: string, tokenType: string]

/** Has every attribute that a dialect may ask for: the values are given out in turn. */
function anyAttributes(values: readonly AttributeValue[], name: string, [operation, tokenType]: Words): Attributes {
  const given: Record<string, AttributeValue | undefined> = {
    'event.name': name,
    'gen_ai.operation.name': operation,
    type: tokenType,
    token_type: tokenType,
    'gen_ai.token.type': tokenType,
    // An answer counts only with both.
    ...(operation === 'chat' ? { 'gen_ai.response.id': 'r1', 'gen_ai.usage.output_tokens': 5 } : {}),
    // Whatever names a hook is the hook's log.
    ...(operation === 'embeddings' ? {} : { 'integritystudio.hook.name': null, 'hook.name': null }),
    // A score counts only where all of these are right.
    'gen_ai.evaluation.name': 'relevance',
    'gen_ai.evaluation.evaluator.type': 'llm',
    'integritystudio.evaluation.evaluator.kind': null,
    'integritystudio.evaluation.cohort': null,
  }
  return new Proxy(given, {
    get(known, key) {
      if (typeof key !== 'string' || key === 'toJSON') return undefined
      if (!Object.hasOwn(known, key)) known[key] = values[Object.keys(known).length % values.length]
      return known[key]
    },
  })
}

const timeMs = fc.oneof(
  fc.constantFrom(0, 1_795_170_222_000.5, 8.64e15),
  fc.double({ min: 0, max: 8.64e15, noNaN: true }),
)

const item: fc.Arbitrary<Telemetry> = fc
  .record({
    kind: fc.constantFrom('log', 'span', 'metric'),
    name: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: fc.string() }),
    service: fc.constantFrom(...SERVICES),
    words: fc.tuple(
      fc.constantFrom('chat', 'execute_tool', 'invoke_agent', 'embeddings'),
      fc.constantFrom('input', 'output', 'cache', 'cached_input', 'thought', 'telepathy'),
    ),
    values: fc.array(value, { minLength: 1, maxLength: 12 }),
    times: fc.tuple(timeMs, timeMs),
    status: fc.constantFrom('unset', 'ok', 'error'),
    temporality: fc.constantFrom('delta', 'cumulative', 'unspecified'),
    number: fc.oneof(fc.double(), fc.nat(), fc.constantFrom(-1, 0, 1e300, Number.NaN)),
    parentSpanId: fc.constantFrom(undefined, 'b7ad6b7169203331'),
  })
  .map(({ kind, name, words, service, values, times: [startMs, endMs], status, temporality, number, parentSpanId }) => {
    const common = {
      attributes: anyAttributes(values, name, words),
      resource: { attributes: { 'service.name': service } },
      scope: { name: service },
    }
    if (kind === 'log') return { kind: 'log', timeMs: endMs, eventName: name, ...common } as const
    if (kind === 'span') {
      const ids = { traceId: 't', spanId: 's', ...(parentSpanId === undefined ? {} : { parentSpanId }) }
      return { kind: 'span', ...ids, name, startMs, endMs, status, ...common } as const
    }
    const sort = { unit: '', type: 'sum', temporality, monotonic: true } as const
    return { kind: 'metric', name, ...sort, startMs, timeMs: endMs, value: number, ...common } as const
  })

const MAX_NUMBER = 1e15
const MAX_TEXT_LENGTH = 700

/** What is wrong with anything that is told, by its path. */
function faults(told: unknown, path: string): string[] {
  if (typeof told === 'number') return told >= 0 && told <= MAX_NUMBER ? [] : [`${path} is ${told}`]
  if (typeof told === 'string') return told.length <= MAX_TEXT_LENGTH ? [] : [`${path} has ${told.length} characters`]
  if (typeof told !== 'object' || told === null) return []
  return Object.entries(told).flatMap(([key, part]) => faults(part, `${path}.${key}`))
}

test(`whatever comes, no dialect throws or tells numbers that cannot be (seed ${SEED})`, () => {
  const names = new Set(DIALECTS.flatMap(({ sources }) => sources.map(({ name }) => name)))
  const told = new Set<string>()
  fc.assert(
    fc.property(item, (telemetry) => {
      const reading = readTelemetry(telemetry)
      if (reading?.kind !== 'observed') return
      const { source, activities, startMs, endMs, key, sessionId } = reading.observation
      expect(names).toContain(source)
      expect([Number.isFinite(startMs), Number.isFinite(endMs)]).toEqual([true, true])
      expect(faults({ activities, key, sessionId }, source)).toEqual([])
      expect(activities.length).toBeGreaterThan(0)
      for (const { kind } of activities) told.add(`${source} ${kind}`)
    }),
    { seed: SEED, numRuns: RUNS },
  )
  // That chance got everywhere.
  const silent = names.difference(new Set([...told].map((each) => each.split(' ')[0])))
  expect([...silent]).toEqual([])
  expect(told.size).toBeGreaterThan(40)
})

test(`what asks for some attributes by name needs no others (seed ${SEED})`, () => {
  let narrowed = 0
  fc.assert(
    fc.property(item, (telemetry) => {
      if (telemetry.kind === 'metric') return
      const { attributes } = telemetry
      const excerpt = (names: ReadonlySet<string>): Attributes => {
        narrowed++
        return Object.fromEntries([...names].map((name) => [name, attributes[name]]))
      }
      // To be asked for is what gives these attributes their values.
      readTelemetry(telemetry)
      readTelemetry({ ...telemetry, excerpt })
      expect(readTelemetry({ ...telemetry, excerpt })).toEqual(readTelemetry(telemetry))
    }),
    { seed: SEED, numRuns: RUNS },
  )
  expect(narrowed).toBeGreaterThan(500)
})
