import type { Activity, Outcome } from '../model/activity.ts'
import type { Attributes, Span, SpanStatus, Telemetry } from '../model/telemetry.ts'
import { pickAmount } from './amounts.ts'
import { type Dialect, pickBoolean, pickText, type Reading } from './dialect.ts'
import { ExcerptedSpan } from './excerpted-span.ts'
import { HOOK_SPAN_NAMES as NAMES, PRESENCE_HOOKS } from './hook-span-names.ts'
import { PRESENCE } from './readings.ts'
import { taskChange, taskStatusOf } from './tasks.ts'

const { hookName: _, ...NAMES_READ } = NAMES
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
        sessionId: pickText(attributes, NAMES.sessionId),
        startMs: item.startMs,
        endMs: item.endMs,
        agentType: pickText(attributes, NAMES.agentType) ?? pickText(item.resource.attributes, NAMES.agentType),
        agentVersion: undefined,
        span: item.status === 'ok' ? OK : NOT_OK,
        activities: reader(attributes, item.status),
      },
    }
  },
}

// A whole span id is 64 random bits: it names the span within a session. Shorter ones were made up by hand.
function keyOf({ traceId, spanId, name, startMs }: Span): string {
  if (spanId.length === SPAN_ID_LENGTH) return spanId
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
  const tool = pickText(attributes, NAMES.tool) ?? '(unnamed)'
  const outcome = outcomeOf(
    status,
    pickBoolean(attributes, NAMES.toolSuccess),
    pickBoolean(attributes, NAMES.toolHasError),
  )
  const call: Activity = { kind: 'tool_call', callId: undefined, tool, outcome }
  // A refused update («Task not found») changed nothing.
  if ((tool !== 'TaskCreate' && tool !== 'TaskUpdate') || outcome === 'failed') return [call]
  const taskStatus = taskStatusOf(pickText(attributes, NAMES.taskStatus))
  const change = tool === 'TaskCreate' ? 'created' : 'updated'
  return [call, taskChange(change, pickText(attributes, NAMES.taskId), taskStatus)]
}

function mcpToolCall(attributes: Attributes, status: SpanStatus): readonly Activity[] {
  const server = pickText(attributes, NAMES.mcpServer) ?? '(unnamed)'
  const tool = pickText(attributes, NAMES.mcpTool) ?? '(unnamed)'
  const outcome = outcomeOf(
    status,
    pickBoolean(attributes, NAMES.mcpSuccess),
    pickBoolean(attributes, NAMES.mcpHasError),
  )
  return [{ kind: 'tool_call', callId: undefined, tool: `mcp__${server}__${tool}`, outcome }]
}

// Flags decide, never text: «Error rate: 12 %» in a tool's output is not a failure. A status of 0 or 1 is that of the
// hook, which succeeds whatever the tool did.
function outcomeOf(status: SpanStatus, success: boolean | undefined, hasError: boolean | undefined): Outcome {
  if (success === false || hasError === true || status === 'error') return 'failed'
  return success === undefined && hasError === undefined ? 'unknown' : 'ok'
}

function tokenSnapshot(attributes: Attributes): readonly Activity[] {
  const model = pickText(attributes, NAMES.tokensModel)
  const tokens = {
    freshInput: pickAmount(attributes, NAMES.tokensFreshInput) ?? 0,
    cacheRead: pickAmount(attributes, NAMES.tokensCacheRead) ?? 0,
    cacheCreation: pickAmount(attributes, NAMES.tokensCacheCreation) ?? 0,
    output: pickAmount(attributes, NAMES.tokensOutput) ?? 0,
    reasoning: 0,
  }
  const empty = tokens.freshInput + tokens.cacheRead + tokens.cacheCreation + tokens.output <= 0
  if (empty || model === SYNTHETIC_MODEL) return PRESENCE
  return [
    {
      kind: 'token_snapshot',
      counter: pickText(attributes, NAMES.transcript) ?? model ?? '',
      messages: pickAmount(attributes, NAMES.tokensMessages) ?? 0,
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
      agentType: pickText(attributes, NAMES.subagentType) ?? 'unknown',
      background: pickBoolean(attributes, NAMES.subagentInBackground) ?? false,
    },
  ]
}

function invocationEnd(attributes: Attributes, spanStatus: SpanStatus, final: boolean): readonly Activity[] {
  const hasError = pickBoolean(attributes, NAMES.subagentHasError)
  const failed = hasError === true || spanStatus === 'error'
  return [
    {
      kind: 'invocation_end',
      invocationId: undefined,
      agentType: pickText(attributes, NAMES.subagentType) ?? 'unknown',
      status: failed ? 'failure' : hasError === undefined ? 'unknown' : 'success',
      final,
    },
  ]
}
