import type { Activity, Outcome } from '../model/activity.ts'
import type { Attributes, Span, SpanStatus, Telemetry } from '../model/telemetry.ts'
import { asAmount } from './amounts.ts'
import { asBoolean, asText, type Dialect, type Reading } from './dialect.ts'
import { ExcerptedSpan } from './excerpted-span.ts'
import { HOOK_SPAN_FACTS as FACTS, HOOK_SPAN_NAMES, PRESENCE_HOOKS } from './hook-span-names.ts'
import { PRESENCE } from './readings.ts'
import { taskChange, taskStatusOf } from './tasks.ts'

const { hookName: _, ...NAMES_READ } = HOOK_SPAN_NAMES
const ATTRIBUTES: ReadonlySet<string> = new Set(Object.values(NAMES_READ).flat())

const PROMPT: readonly Activity[] = [{ kind: 'prompt' }]
const SESSION_START: readonly Activity[] = [{ kind: 'session_start' }]
const SESSION_END: readonly Activity[] = [{ kind: 'session_end' }]

const PREFIX = 'hook:'
const SPAN_ID_LENGTH = 16
const OK = { ok: true }
const NOT_OK = { ok: false }

/** Model name of placeholder messages that no model wrote. */
const SYNTHETIC_MODEL = '<synthetic>'

/** The mission's hook spans (`traces-*.jsonl`) of every era. */
export const hookSpans: Dialect = {
  sources: [{ name: 'hook_spans', kind: 'hook_spans', tells: ['tools', 'prompts', 'tasks'] }],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'span') return undefined
    const reader = READERS.get(item.name) ?? readerOfCopy(item)
    if (reader === undefined) return item.name.startsWith(PREFIX) ? { kind: 'unknown', name: item.name } : undefined
    const attributes = ExcerptedSpan.attributesOf(item, ATTRIBUTES)
    return {
      kind: 'observed',
      observation: {
        source: 'hook_spans',
        key: keyOf(item),
        sessionId: asText(FACTS.sessionId(attributes)),
        startMs: item.startMs,
        endMs: item.endMs,
        agentType: asText(FACTS.agentType(attributes)) ?? asText(FACTS.agentType(item.resource.attributes)),
        agentVersion: undefined,
        span: item.status === 'ok' ? OK : NOT_OK,
        activities: reader(attributes, item.status),
      },
    }
  },
}

// A whole span id is 64 random bits: it names the span within a session. Shorter ones were made up by hand.
function keyOf(span: Span): string {
  const { spanId } = span
  if (spanId.length === SPAN_ID_LENGTH) return spanId
  const { traceId, name, startMs } = span
  return spanId === '' ? `${traceId}:${name}:${startMs}` : `${traceId}:${spanId}`
}

type Reader = (attributes: Attributes, status: SpanStatus) => readonly Activity[]

const HOOK_READERS: readonly (readonly [hook: string, reader: Reader])[] = [
  ['builtin-post-tool', builtinToolCall],
  ['mcp-post-tool', mcpToolCall],
  ['skill-activation-prompt', () => PROMPT],
  ['session-start', () => SESSION_START],
  ['session-end', () => SESSION_END],
  ['token-metrics-extraction', tokenSnapshot],
  ['agent-pre-tool', invocationStart],
  ['agent.operation.prepare', invocationStart],
  ['agent-post-tool', (attributes, status) => invocationEnd(attributes, status, false)],
  ['agent.operation.finalize', (attributes, status) => invocationEnd(attributes, status, false)],
  // The tool call of a background agent returns at once; this is its true end.
  ['subagent-stop', (attributes, status) => invocationEnd(attributes, status, true)],
  ...PRESENCE_HOOKS.map((hook): [string, Reader] => [hook, () => PRESENCE]),
]

/** What each span means, by its whole name: looked up once per span. */
const READERS: ReadonlyMap<string, Reader> = new Map(HOOK_READERS.map(([hook, reader]) => [PREFIX + hook, reader]))

/** Whether a span's reading depends on nothing but its name, times, status and the attributes of {@link HOOK_SPAN_NAMES}. */
export function isKnownHookSpan(name: string): boolean {
  return READERS.has(name)
}

/** `invoke_agent` is written beside prepare and finalize: the same invocation once more. */
function readerOfCopy({ name, resource }: Span): Reader | undefined {
  const isCopy = name.startsWith('invoke_agent') && resource.attributes['service.name'] === 'claude-code-hooks'
  return isCopy ? () => PRESENCE : undefined
}

function builtinToolCall(attributes: Attributes, status: SpanStatus): readonly Activity[] {
  const tool = asText(FACTS.tool(attributes)) ?? '(unnamed)'
  const outcome = outcomeOf(status, asBoolean(FACTS.toolSuccess(attributes)), asBoolean(FACTS.toolHasError(attributes)))
  const call: Activity = { kind: 'tool_call', callId: undefined, tool, outcome }
  // A refused update («Task not found») changed nothing.
  if ((tool !== 'TaskCreate' && tool !== 'TaskUpdate') || outcome === 'failed') return [call]
  const taskStatus = taskStatusOf(asText(FACTS.taskStatus(attributes)))
  const change = tool === 'TaskCreate' ? 'created' : 'updated'
  return [call, taskChange(change, asText(FACTS.taskId(attributes)), taskStatus)]
}

function mcpToolCall(attributes: Attributes, status: SpanStatus): readonly Activity[] {
  const server = asText(FACTS.mcpServer(attributes)) ?? '(unnamed)'
  const tool = asText(FACTS.mcpTool(attributes)) ?? '(unnamed)'
  const outcome = outcomeOf(status, asBoolean(FACTS.mcpSuccess(attributes)), asBoolean(FACTS.mcpHasError(attributes)))
  return [{ kind: 'tool_call', callId: undefined, tool: `mcp__${server}__${tool}`, outcome }]
}

// Flags decide, never text: «Error rate: 12 %» in a tool's output is not a failure. A status of 0 or 1 is that of the
// hook, which succeeds whatever the tool did.
function outcomeOf(status: SpanStatus, success: boolean | undefined, hasError: boolean | undefined): Outcome {
  if (success === false || hasError === true || status === 'error') return 'failed'
  return success === undefined && hasError === undefined ? 'unknown' : 'ok'
}

function tokenSnapshot(attributes: Attributes): readonly Activity[] {
  const model = asText(FACTS.tokensModel(attributes))
  const tokens = {
    freshInput: asAmount(FACTS.tokensFreshInput(attributes)) ?? 0,
    cacheRead: asAmount(FACTS.tokensCacheRead(attributes)) ?? 0,
    cacheCreation: asAmount(FACTS.tokensCacheCreation(attributes)) ?? 0,
    output: asAmount(FACTS.tokensOutput(attributes)) ?? 0,
    reasoning: 0,
  }
  const empty = tokens.freshInput + tokens.cacheRead + tokens.cacheCreation + tokens.output <= 0
  if (empty || model === SYNTHETIC_MODEL) return PRESENCE
  return [
    {
      kind: 'token_snapshot',
      counter: asText(FACTS.transcript(attributes)) ?? model ?? '',
      messages: asAmount(FACTS.tokensMessages(attributes)) ?? 0,
      model,
      tokens,
    },
  ]
}

function invocationStart(attributes: Attributes): readonly Activity[] {
  return [
    {
      kind: 'invocation_start',
      invocationId: undefined,
      agentType: asText(FACTS.subagentType(attributes)) ?? 'unknown',
      background: asBoolean(FACTS.subagentInBackground(attributes)) ?? false,
    },
  ]
}

function invocationEnd(attributes: Attributes, spanStatus: SpanStatus, final: boolean): readonly Activity[] {
  const hasError = asBoolean(FACTS.subagentHasError(attributes))
  const failed = hasError === true || spanStatus === 'error'
  return [
    {
      kind: 'invocation_end',
      invocationId: undefined,
      agentType: asText(FACTS.subagentType(attributes)) ?? 'unknown',
      status: failed ? 'failure' : hasError === undefined ? 'unknown' : 'success',
      final,
    },
  ]
}
