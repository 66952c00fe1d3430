import { dayFiles, type SampleLine } from './day-files.ts'
import { type Evaluation, evaluationLine } from './evaluation-line.ts'
import { type HookSpan, hookSpanLine } from './hook-span-line.ts'
import { randomFrom } from './random.ts'

const SESSION_ID = 'd1d142a6-51f3-49d3-b283-c00093880453'

/** The published id of the trace in which the session reported a context of 172 %. */
const OVERFLOW_TRACE_ID = 'eba9ce1a66679a232f44df4566c7d25f'

const FIRST_BURST = [
  ...['TaskCreate', 'TaskCreate', 'Grep', 'Read', 'TaskCreate', 'TaskUpdate', 'Bash', 'TaskUpdate'],
  ...['TaskCreate', 'Bash', 'TaskUpdate', 'visit_page', 'TaskUpdate', 'Bash', 'TaskUpdate', 'visit_page', 'TaskUpdate'],
]

const SECOND_BURST = [
  ...['TaskCreate', 'TaskCreate', 'TaskUpdate', 'Write', 'TaskUpdate', 'TaskCreate', 'TaskUpdate', 'Write'],
  ...['TaskUpdate', 'TaskUpdate', 'Bash', 'Edit', 'TaskUpdate', 'TaskCreate', 'TaskUpdate', 'Write', 'TaskUpdate'],
  ...['Edit', 'TaskCreate', 'TaskUpdate', 'Bash', 'TaskCreate', 'TaskUpdate'],
]

/** Before so many of the second burst's tools the hooks wrote a span as well; before all of the first. */
const SECOND_BURST_PRE_TOOL_SPANS = 7

const DOCUMENTS = [
  { title: 'Artist Profile', relevance: 0.95, faithfulness: 0.92, coherence: 0.93, hallucination: 0.05 },
  { title: 'Zouk Market', relevance: 0.94, faithfulness: 0.95, coherence: 0.92, hallucination: 0.03 },
  { title: 'Austin Market', relevance: 0.95, faithfulness: 0.96, coherence: 0.94, hallucination: 0.02 },
] as const

/**
 * The session that the mission is about, rebuilt from its published numbers: 76 spans, 41 tool calls without failure,
 * 48 minutes of work in 8 h 37 min, 1,752 tokens of output. Published: totals, times of prompts, scores. Invented: the
 * order of the tools, the times between prompts, span ids.
 *
 * @returns path → content
 */
export function edgarNadyneFiles(): Map<string, string> {
  const random = randomFrom(SESSION_ID)
  const spans = [...workSpans(), ...contextSpans()].toSorted((a, b) => a.startMs - b.startMs)
  const traces = spans.map((span): SampleLine => {
    const traceId = span.hook === 'session-start' ? OVERFLOW_TRACE_ID : undefined
    return hookSpanLine(span, SESSION_ID, 'A', random, traceId)
  })
  const evaluations = [...ruleEvaluations(spans), ...judgeEvaluations()]
  return dayFiles('edgar-nadyne', [
    ...traces,
    ...evaluations.map((evaluation) => evaluationLine(evaluation, SESSION_ID, 'A')),
  ])
}

function workSpans(): readonly HookSpan[] {
  const first = FIRST_BURST.flatMap((tool, n) => toolSpans(tool, at('18:28:21') + n * 9000, true))
  const second = SECOND_BURST.flatMap((tool, n) =>
    toolSpans(tool, at('02:24:10') + n * 75_000, n < SECOND_BURST_PRE_TOOL_SPANS),
  )
  return [...first, ...second]
}

function contextSpans(): readonly HookSpan[] {
  const subagent = { 'agent.type': 'webscraping-research-analyst', 'agent.category': 'research' }
  return [
    {
      hook: 'session-start',
      startMs: at('18:28:00'),
      durationMs: 350,
      attributes: {
        'agentperf.agent_type': 'translation-agent',
        'project.name': 'reports',
        'context.estimated_tokens': 343_957,
        'context.utilization_percent': 172,
        'context.is_resume': true,
      },
    },
    promptSpan('18:28:12', 40_000, 1),
    // Ends three minutes after the start.
    { ...promptSpan('18:31:00', 42_400, 26), startMs: at('18:31:00') - 6 },
    promptSpan('02:20:00', 43_400, 27),
    promptSpan('02:23:00', 56_200, 35),
    promptSpan('02:53:00', 118_542, 42),
    {
      hook: 'agent-pre-tool',
      startMs: at('02:53:31'),
      durationMs: 9,
      attributes: { ...subagent, 'agent.is_background': true },
    },
    {
      hook: 'agent-post-tool',
      startMs: at('02:54:00'),
      durationMs: 9,
      attributes: { ...subagent, 'agent.has_error': false, 'agent.has_rate_limit': true, 'agent.output_size': 512 },
    },
    ...toolSpans('Task', at('02:54:01'), false),
    {
      hook: 'token-metrics-extraction',
      startMs: at('02:58:30'),
      durationMs: 31,
      attributes: {
        'tokens.input': 19,
        'tokens.output': 1752,
        'tokens.cache_read': 1_722_424,
        'tokens.cache_creation': 30_305,
        'tokens.messages': 42,
        'tokens.model': 'claude-opus-4-6',
      },
    },
    promptSpan('03:03:00', 18_000, 6),
    { hook: 'notification', startMs: at('03:05:00') - 1, durationMs: 1, attributes: {} },
  ]
}

function promptSpan(time: string, contextTokens: number, messages: number): HookSpan {
  return {
    hook: 'skill-activation-prompt',
    startMs: at(time),
    durationMs: 6,
    attributes: {
      'context.total_tokens': contextTokens,
      'context.utilization_percent': contextTokens / 2000,
      'context.free_space': 200_000 - contextTokens,
      'context.message_count': messages,
    },
  }
}

function toolSpans(tool: string, startMs: number, withPreToolSpan: boolean): readonly HookSpan[] {
  const isMcp = tool === 'visit_page'
  const family = isMcp ? 'mcp' : 'builtin'
  const name = isMcp ? { 'mcp.server': 'webresearch', 'mcp.tool': tool } : { 'builtin.tool': tool }
  const category = isMcp ? {} : { 'builtin.category': /^(Read|Write|Edit)$/.test(tool) ? 'file' : 'other' }
  const post: HookSpan = {
    hook: `${family}-post-tool`,
    startMs,
    durationMs: isMcp ? 5 : 3,
    attributes: { ...name, ...category, [`${family}.success`]: true },
  }
  const pre: HookSpan = { hook: `${family}-pre-tool`, startMs: startMs - 900, durationMs: 2, attributes: name }
  return withPreToolSpan ? [pre, post] : [post]
}

function ruleEvaluations(spans: readonly HookSpan[]): readonly Evaluation[] {
  const perTool = spans
    .filter(({ hook }) => hook.endsWith('-post-tool') && hook !== 'agent-post-tool')
    .map(({ startMs, attributes }): Evaluation => {
      const tool = String(attributes['builtin.tool'] ?? attributes['mcp.tool'])
      return {
        name: 'tool_correctness',
        score: 1,
        explanation: `Tool ${tool} completed successfully`,
        by: 'rules',
        timeMs: startMs,
      }
    })
  const completion: Evaluation = {
    name: 'task_completion',
    score: 0.8333,
    explanation: '5 updates for 3 tasks, 2 expected for each',
    by: 'rules',
    timeMs: at('02:30:00'),
  }
  return [...perTool, completion]
}

function judgeEvaluations(): readonly Evaluation[] {
  return DOCUMENTS.flatMap(({ title, ...scores }, n) =>
    Object.entries(scores).map(
      ([name, score]): Evaluation => ({
        name,
        score,
        explanation: `${name} of ${title}`,
        by: 'judge',
        timeMs: at('02:36:00') + n * 420_000,
      }),
    ),
  )
}

/** @param time in UTC; before noon it is the second day's */
function at(time: string): number {
  return Date.parse(`${time < '12' ? '2026-02-13' : '2026-02-12'}T${time}.000Z`)
}
