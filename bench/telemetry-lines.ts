import { type Random, randomFrom } from '../scripts/samples/random.ts'

/** One line of a telemetry file. */
export interface TelemetryLine {
  readonly kind: 'traces' | 'evaluations'
  /** When it was written: says in which day's file it lies. Epoch milliseconds. */
  readonly timeMs: number
  readonly text: string
}

type Attributes = Readonly<Record<string, string | number | boolean>>

/** What all spans of a session share. */
interface Work {
  readonly sessionId: string
  readonly agentType: string
  readonly model: string
  readonly random: Random
}

const AGENT_TYPES = ['code-reviewer', 'translation-agent', 'code-simplifier', 'research-analyst', 'default'] as const
const MODELS = ['claude-opus-4-6', 'claude-sonnet-4-6'] as const
const TOOLS = ['Read', 'Read', 'Read', 'Edit', 'Edit', 'Write', 'Bash', 'Bash', 'Grep', 'Glob', 'WebFetch'] as const
const TASK_STATUSES = ['in_progress', 'completed'] as const
const QUALITIES = ['relevance', 'faithfulness', 'coherence', 'hallucination'] as const

/**
 * What hooks write of one agent's sessions, one after the other without end, in order of time: spans of 600 to 900
 * bytes, about 150 a session, and the scores that a judge gave.
 */
export function* agentTelemetry(seed: string, startMs: number): Generator<TelemetryLine, never> {
  const random = randomFrom(seed)
  for (let timeMs = startMs; ; timeMs += random.integer(300, 3600) * 1000) {
    const work = {
      sessionId: random.uuid(),
      agentType: random.pick(AGENT_TYPES),
      model: random.pick(MODELS),
      random,
    }
    timeMs = yield* sessionTelemetry(work, timeMs)
  }
}

/** @returns when the session's last line was written */
function* sessionTelemetry(work: Work, startMs: number): Generator<TelemetryLine, number> {
  const { random } = work
  const turns = random.integer(6, 10)
  let timeMs = startMs
  let messages = 0
  yield span(work, timeMs, 'session-start', { ...workspace(work), 'context.is_resume': false })
  for (let turn = 1; turn <= turns; turn++) {
    timeMs += random.integer(5, 600) * 1000
    yield span(work, timeMs, 'skill-activation-prompt', {
      ...workspace(work),
      'prompt.length': random.integer(20, 900),
      'context.message_count': messages,
      'context.utilization_percent': messages / 4,
    })
    for (let calls = random.integer(12, 22); calls > 0; calls--) {
      timeMs += random.integer(500, 30_000)
      yield toolSpan(work, timeMs)
    }
    messages += random.integer(10, 40)
    timeMs += random.integer(500, 5000)
    yield span(work, timeMs, 'token-metrics-extraction', tokens(work, messages))
    if (random.chance(0.3)) yield* judgement(work, timeMs)
  }
  if (random.chance(0.8)) yield span(work, timeMs + 1000, 'session-end', workspace(work))
  return timeMs + 1000
}

function toolSpan(work: Work, timeMs: number): TelemetryLine {
  const { random } = work
  const failed = random.chance(0.04)
  if (random.chance(0.1)) {
    const call = { 'mcp.server': 'github', 'mcp.tool': 'get_pull_request', 'mcp.success': !failed }
    return span(work, timeMs, 'mcp-post-tool', {
      ...workspace(work),
      ...call,
      'mcp.output_bytes': random.integer(9, 9e5),
    })
  }
  if (random.chance(0.1)) {
    const id = String(random.integer(1, 12))
    const task = { 'builtin.task_id': id, 'builtin.task_status': random.pick(TASK_STATUSES) }
    return random.chance(0.3)
      ? span(work, timeMs, 'builtin-post-tool', { ...workspace(work), ...builtin('TaskCreate', false) })
      : span(work, timeMs, 'builtin-post-tool', { ...workspace(work), ...builtin('TaskUpdate', false), ...task })
  }
  const path = `/home/dev/projects/observability-toolkit/src/${random.hex(12)}.ts`
  return span(work, timeMs, 'builtin-post-tool', {
    ...workspace(work),
    ...builtin(random.pick(TOOLS), failed),
    'builtin.file_path': path,
  })
}

function builtin(tool: string, failed: boolean): Attributes {
  const error = failed ? { 'builtin.has_error': true, 'builtin.error_type': 'file_not_read' } : {}
  return { 'builtin.tool': tool, 'builtin.category': 'file', 'builtin.success': !failed, ...error }
}

function tokens({ model, random }: Work, messages: number): Attributes {
  return {
    'transcript.path': '/home/dev/.claude/projects/-home-dev-projects-observability-toolkit/transcript.jsonl',
    'tokens.input': messages * random.integer(3, 9),
    'tokens.output': messages * random.integer(200, 300),
    'tokens.cache_read': messages * random.integer(9000, 30_000),
    'tokens.cache_creation': messages * random.integer(500, 2000),
    'tokens.messages': messages,
    'tokens.model': model,
  }
}

function workspace({ agentType }: Work): Attributes {
  return {
    'agentperf.agent_type': agentType,
    'project.name': 'observability-toolkit',
    'working.directory': '/home/dev/projects/observability-toolkit',
    'git.branch': 'feature/session-kpis',
  }
}

function span({ sessionId, random }: Work, startMs: number, hook: string, attributes: Attributes): TelemetryLine {
  const lengthMs = random.integer(1, 900)
  const endMs = startMs + lengthMs
  const line = {
    traceId: random.hex(32),
    spanId: random.hex(16),
    name: `hook:${hook}`,
    kind: 0,
    startTime: secondsAndNanos(startMs),
    endTime: secondsAndNanos(endMs),
    duration: [0, lengthMs * 1e6],
    status: { code: 1 },
    attributes: {
      'hook.name': hook,
      'hook.type': 'builtin',
      'hook.trigger': 'PostToolUse',
      'session.id': sessionId,
      ...attributes,
    },
    events: [],
    links: [],
    resource: { serviceName: 'claude-code-hooks', serviceVersion: '1.0.0' },
  }
  return { kind: 'traces', timeMs: endMs, text: JSON.stringify(line) }
}

function* judgement({ sessionId, random }: Work, timeMs: number): Generator<TelemetryLine> {
  for (const name of QUALITIES) {
    const quality = random.between(0.85, 0.95)
    const score = Math.round(100 * (name === 'hallucination' ? 1 - quality : quality)) / 100
    const line = {
      timestamp: new Date(timeMs).toISOString(),
      name: 'gen_ai.evaluation.result',
      attributes: {
        'gen_ai.evaluation.name': name,
        'gen_ai.evaluation.score.value': score,
        'gen_ai.evaluation.explanation': `${name} of the session so far`,
        'gen_ai.evaluation.evaluator': 'llm-judge',
        'gen_ai.evaluation.evaluator.type': 'llm',
        'session.id': sessionId,
      },
      traceId: random.hex(32),
    }
    yield { kind: 'evaluations', timeMs, text: JSON.stringify(line) }
  }
}

function secondsAndNanos(timeMs: number): readonly [seconds: number, nanos: number] {
  return [Math.floor(timeMs / 1000), (timeMs % 1000) * 1e6]
}
