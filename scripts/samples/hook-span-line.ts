import type { SampleLine } from './day-files.ts'
import type { Random } from './random.ts'

/** The eras of hook spans differ in what they call their attributes. */
export type Era = 'A' | 'B' | 'C' | 'D' | 'E'

type Value = string | number | boolean
type Attributes = Readonly<Record<string, Value>>

/** A hook span with its attributes under the names of era A. */
export interface HookSpan {
  /** Without the prefix `hook:`. */
  readonly hook: string
  readonly startMs: number
  readonly durationMs: number
  readonly attributes: Attributes
}

const HOOKS: Readonly<Record<string, readonly [type: string, trigger: string]>> = {
  'session-start': ['session', 'SessionStart'],
  'session-end': ['session', 'SessionEnd'],
  'skill-activation-prompt': ['prompt', 'UserPromptSubmit'],
  'builtin-pre-tool': ['builtin', 'PreToolUse'],
  'builtin-post-tool': ['builtin', 'PostToolUse'],
  'mcp-pre-tool': ['mcp', 'PreToolUse'],
  'mcp-post-tool': ['mcp', 'PostToolUse'],
  'agent-pre-tool': ['agent', 'PreToolUse'],
  'agent-post-tool': ['agent', 'PostToolUse'],
  'subagent-stop': ['agent', 'SubagentStop'],
  'token-metrics-extraction': ['stop', 'Stop'],
  notification: ['notification', 'Notification'],
}

/** What era D calls the `builtin.*` attributes of eras A to C. */
const TOOL_NAMES: Readonly<Record<string, string>> = {
  'builtin.tool': 'gen_ai.tool.name',
  'builtin.success': 'integritystudio.tool.success',
  'builtin.has_error': 'integritystudio.tool.has_error',
  'builtin.error_type': 'integritystudio.tool.error_type',
  'builtin.task_id': 'integritystudio.task.id',
  'builtin.task_status': 'integritystudio.task.status',
  'builtin.file_path': 'file.path',
}

/** A line of `traces-*.jsonl` as the hooks of an era wrote it. */
export function hookSpanLine(
  span: HookSpan,
  sessionId: string,
  era: Era,
  random: Random,
  traceId?: string,
): SampleLine {
  const hook = hookNameIn(era, span.hook)
  const [type, trigger] = HOOKS[span.hook] ?? ['other', 'Other']
  const legacy: Attributes = { 'hook.name': hook, 'hook.type': type, 'hook.trigger': trigger, ...span.attributes }
  const durationNs = Math.round(span.durationMs * 1e6)
  const startNs = BigInt(Math.round(span.startMs)) * 1_000_000n
  const line = {
    traceId: traceId ?? random.hex(32),
    spanId: random.hex(16),
    name: `hook:${hook}`,
    kind: 0,
    startTime: secondsAndNanos(startNs),
    endTime: secondsAndNanos(startNs + BigInt(durationNs)),
    duration: secondsAndNanos(BigInt(durationNs)),
    status: { code: 1 },
    attributes: { 'session.id': sessionId, ...attributesIn(era, legacy) },
    events: [],
    links: [],
    resource: { serviceName: 'claude-code-hooks', serviceVersion: '1.0.0' },
  }
  return { kind: 'traces', timeMs: span.startMs, text: JSON.stringify(line) }
}

function hookNameIn(era: Era, hook: string): string {
  if (era === 'A' || era === 'B') return hook
  if (hook === 'agent-pre-tool') return 'agent.operation.prepare'
  return hook === 'agent-post-tool' ? 'agent.operation.finalize' : hook
}

function attributesIn(era: Era, legacy: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(legacy).flatMap(([name, value]) => namesIn(era, name).map((n) => [n, value])),
  )
}

function namesIn(era: Era, name: string): readonly string[] {
  const family = name.slice(0, name.indexOf('.'))
  if (era === 'A' || family === 'agentperf' || family === 'gen_ai') return [name]
  if (family === 'hook' || family === 'agent') {
    return era === 'B' ? [`integritystudio.${name}`, name] : [`integritystudio.${name}`]
  }
  if (family === 'builtin') return era === 'D' || era === 'E' ? [TOOL_NAMES[name] ?? []].flat() : [name]
  return era === 'E' ? [`integritystudio.${name}`] : [name]
}

function secondsAndNanos(nanos: bigint): readonly [seconds: number, nanos: number] {
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}
