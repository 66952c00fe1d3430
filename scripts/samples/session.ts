import type { Agent } from './agents.ts'
import type { SampleLine } from './day-files.ts'
import { type Evaluation, evaluationLine } from './evaluation-line.ts'
import { type Era, type HookSpan, hookSpanLine } from './hook-span-line.ts'
import type { Random } from './random.ts'
import { type TokenSnapshot, tokenSnapshots } from './token-snapshots.ts'
import { type ToolCall, toolCalls } from './tool-calls.ts'

/** What a sample session is like. */
export interface SessionPlan {
  readonly agent: Agent
  /** From 0, the agent type's first session, to 1, its last one. */
  readonly age: number
  readonly startMs: number
  readonly era: Era
}

type Attributes = HookSpan['attributes']

/** Longer breaks count as idle. */
const IDLE_GAP_MS = 300_000
const LONGEST_BREAK_MS = 1_500_000

const ERROR_TYPES: Readonly<Record<string, string>> = {
  Edit: 'write_error',
  MultiEdit: 'write_error',
  Write: 'permission',
  Read: 'not_found',
}

/** All telemetry lines of one session, in order of time. */
export function sessionLines(plan: SessionPlan, random: Random): readonly SampleLine[] {
  const sessionId = random.uuid()
  const spans = sessionSpans(plan, random)
  const evaluations = sessionEvaluations(plan, spans, random)
  return [
    ...spans.map((span) => hookSpanLine(span, sessionId, plan.era, random)),
    ...evaluations.map((evaluation) => evaluationLine(evaluation, sessionId, plan.era)),
  ]
}

function sessionSpans(plan: SessionPlan, random: Random): readonly HookSpan[] {
  const { agent, era } = plan
  const calls = toolCalls(agent, plan.age, random)
  const turns = random.integer(3, 6)
  const compactedAfter = random.chance(agent.compactionShare) ? random.integer(0, turns - 2) : undefined
  const snapshots = tokenSnapshots(agent, turns, compactedAfter, random)
  const clock = workClock(plan, calls.length + 3 * turns, random)
  const own = { 'agentperf.agent_type': agent.agentType }

  const spans: HookSpan[] = []
  const add = (hook: string, durationMs: number, attributes: Attributes): void => {
    spans.push({ hook, startMs: clock.tick(), durationMs, attributes })
  }
  if (random.chance(0.93)) add('session-start', random.between(180, 420), { ...own, 'project.name': agent.project })
  for (let turn = 0; turn < turns; turn++) {
    if (turn > 0) clock.pause(turn)
    add('skill-activation-prompt', random.between(4, 12), { ...own, ...contextOf(snapshots[turn - 1]) })
    const first = Math.floor((calls.length * turn) / turns)
    for (const call of calls.slice(first, Math.floor((calls.length * (turn + 1)) / turns))) {
      if (random.chance(0.12)) add(...preToolSpan(call))
      add(...postToolSpan(call, random))
    }
    const [subagent] = agent.subagents
    if (turn === 1 && subagent !== undefined && random.chance(0.6)) {
      for (const span of subagentSpans(random.pick([subagent, ...agent.subagents]), era, random)) add(...span)
    }
    const snapshot = snapshots[turn]
    if (snapshot !== undefined) add('token-metrics-extraction', random.between(20, 60), tokensOf(snapshot, agent.model))
  }
  if (random.chance(0.85)) add('session-end', random.between(3, 9), {})
  return spans
}

type SpanParts = readonly [hook: string, durationMs: number, attributes: Attributes]

function preToolSpan({ tool }: ToolCall): SpanParts {
  const mcp = mcpAttributes(tool)
  return mcp === undefined ? ['builtin-pre-tool', 2, { 'builtin.tool': tool }] : ['mcp-pre-tool', 3, mcp]
}

function postToolSpan({ tool, failed, taskId, taskStatus }: ToolCall, random: Random): SpanParts {
  const durationMs = Math.round(random.between(2, 7) * 1000) / 1000
  const mcp = mcpAttributes(tool)
  if (mcp !== undefined) {
    const error = failed ? { 'mcp.error_type': 'rate_limited' } : {}
    return ['mcp-post-tool', durationMs, { ...mcp, 'mcp.success': !failed, ...error }]
  }
  const error = failed ? { 'builtin.has_error': true, 'builtin.error_type': ERROR_TYPES[tool] ?? 'rate_limited' } : {}
  const task = taskId === undefined ? {} : { 'builtin.task_id': taskId }
  const status = taskStatus === undefined ? {} : { 'builtin.task_status': taskStatus }
  return [
    'builtin-post-tool',
    durationMs,
    { 'builtin.tool': tool, 'builtin.success': !failed, ...error, ...task, ...status },
  ]
}

function mcpAttributes(tool: string): Attributes | undefined {
  const [server, name] = tool.split('/')
  return server === undefined || name === undefined ? undefined : { 'mcp.server': server, 'mcp.tool': name }
}

function subagentSpans(subagent: string, era: Era, random: Random): readonly SpanParts[] {
  const agent = { 'agent.type': subagent }
  const failed = random.chance(0.1)
  return [
    ['agent-pre-tool', 5, { ...agent, 'agent.is_background': false }],
    ['agent-post-tool', 6, { ...agent, 'agent.has_error': failed, 'agent.output_size': random.integer(300, 9000) }],
    // Claude Code renamed the tool after the first weeks.
    ['builtin-post-tool', 3, { 'builtin.tool': era === 'A' ? 'Task' : 'Agent', 'builtin.success': !failed }],
  ]
}

function contextOf(before: TokenSnapshot | undefined): Attributes {
  const messages = before?.messages ?? 1
  const tokens = 24_000 + messages * 900
  return { 'context.message_count': messages, 'context.total_tokens': tokens }
}

function tokensOf(snapshot: TokenSnapshot, model: string): Attributes {
  return {
    'tokens.input': snapshot.input,
    'tokens.output': snapshot.output,
    'tokens.cache_read': snapshot.cacheRead,
    'tokens.cache_creation': snapshot.cacheCreation,
    'tokens.messages': snapshot.messages,
    'tokens.model': model,
  }
}

/** Work at short intervals, with breaks between turns so long that the agent's share of active time comes out. */
function workClock({ agent, startMs }: SessionPlan, ticks: number, random: Random) {
  const activeMs = ticks * 27_000
  const ratio = Math.min(0.97, agent.activeRatio * random.normal(1, 0.08))
  const idleMs = activeMs / ratio - activeMs
  const breaks = Math.max(1, Math.ceil(idleMs / LONGEST_BREAK_MS))
  const breakMs = idleMs / breaks
  let timeMs = startMs
  return {
    tick(): number {
      const now = timeMs
      timeMs += Math.round(random.between(6000, 48_000))
      return now
    },
    pause(turn: number): void {
      if (turn <= breaks && breakMs > IDLE_GAP_MS) timeMs += Math.round(breakMs)
    },
  }
}

function sessionEvaluations(plan: SessionPlan, spans: readonly HookSpan[], random: Random): readonly Evaluation[] {
  const endMs = spans.at(-1)?.startMs ?? plan.startMs
  const ofTasks = spans.filter(({ attributes }) => attributes['builtin.task_status'] !== undefined)
  const evaluations: Evaluation[] = [
    {
      name: 'task_completion',
      score: ofTasks.length > 0 ? 1 : 0,
      explanation: `${ofTasks.length} task updates`,
      by: 'rules',
      timeMs: endMs - 1000,
    },
  ]
  if (random.chance(0.65)) {
    const rounds = random.integer(1, 3)
    for (let round = 1; round <= rounds; round++) {
      const timeMs = Math.round(plan.startMs + ((endMs - plan.startMs) * (round + 1)) / (rounds + 2))
      evaluations.push(...judgement(plan.agent.quality, 'judge', timeMs, random))
    }
  }
  if (random.chance(0.08)) evaluations.push(...judgement(0.25, 'canary', endMs - 5000, random))
  return evaluations
}

function judgement(quality: number, by: 'judge' | 'canary', timeMs: number, random: Random): readonly Evaluation[] {
  const score = (mean: number): number => Math.round(Math.min(1, Math.max(0, random.normal(mean, 0.02))) * 100) / 100
  const faithfulness = score(quality)
  const scores = { relevance: score(quality + 0.01), faithfulness, coherence: score(quality - 0.01) }
  const all = { ...scores, hallucination: Math.round((1 - faithfulness) * 60) / 100 }
  return Object.entries(all).map(([name, value]) => ({
    name,
    score: value,
    explanation: `${name} of the session so far`,
    by,
    timeMs,
  }))
}
