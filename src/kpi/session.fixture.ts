import type { TokenCounts } from '../model/activity.ts'
import type { Invocation, Session, TokenSnapshot, ToolUse } from '../model/session.ts'

const STARTED_AT_MS = Date.parse('2026-02-12T18:28:00.000Z')

/** A session in which nothing was recorded but two hours of time; tests say what else there was. */
export function session(overrides: Partial<Session> = {}): Session {
  return {
    id: 'session-1',
    revision: 1,
    trigger: 'end_signal',
    agentType: 'coder',
    agentVersion: undefined,
    startedAtMs: STARTED_AT_MS,
    endedAtMs: STARTED_AT_MS + 2 * 3_600_000,
    sources: ['hook_spans'],
    activeIntervals: [],
    processStartsMs: [],
    processEndsMs: [],
    modelUse: undefined,
    tokenCounters: [],
    meteredUse: { tokens: undefined, costUsd: undefined, activeSeconds: undefined },
    rejections: undefined,
    tools: {},
    tasks: { creates: 0, updates: 0, statuses: {}, completedWithoutId: 0 },
    evaluations: {},
    prompts: 0,
    compactions: 0,
    spans: { count: 0, notOk: 0, longMs: 0 },
    invocations: [],
    ...overrides,
  }
}

/** A successful invocation of which nothing else is known. */
export function invocation(overrides: Partial<Invocation> = {}): Invocation {
  return {
    invocationId: 'i1',
    parentId: undefined,
    agentType: 'Explore',
    startedAtMs: undefined,
    endedAtMs: undefined,
    status: 'success',
    work: { activeIntervals: [], modelUse: undefined, tools: {}, rejections: undefined },
    ...overrides,
  }
}

/** Uses of tools, all successful. */
export function toolUses(calls: Readonly<Record<string, number>>): Readonly<Record<string, ToolUse>> {
  return Object.fromEntries(
    Object.entries(calls).map(([tool, count]) => [tool, { calls: count, failures: 0, unknown: 0 }]),
  )
}

const NONE: TokenCounts = { freshInput: 0, cacheRead: 0, cacheCreation: 0, output: 0, reasoning: 0 }

/** A reading of a token counter; what is left out is 0. */
export function snapshot(messages: number, tokens: Partial<TokenCounts>, before?: Partial<TokenCounts>): TokenSnapshot {
  const whole = (counts: Partial<TokenCounts>): TokenCounts => ({ ...NONE, ...counts })
  return {
    timeMs: STARTED_AT_MS + messages,
    messages,
    tokens: whole(tokens),
    ...(before === undefined ? undefined : { before: whole(before) }),
  }
}

const BEFORE_COMPACTION = snapshot(42, { freshInput: 19, output: 1752, cacheRead: 1_722_424, cacheCreation: 30_305 })
const AFTER_COMPACTION = snapshot(6, { freshInput: 93_486, output: 261, cacheRead: 114_449 })

/**
 * The mission's reference session (Edgar & Nadyne) from its published numbers.
 *
 * @param variant `B` has a second token reading, after the compaction
 */
export function edgarAndNadyne(variant: 'A' | 'B'): Session {
  const endedAtMs = STARTED_AT_MS + 31_020_000
  return session({
    agentType: 'translation-agent',
    endedAtMs,
    // 48 of 517 minutes, as the published timeline allows.
    activeIntervals: [
      [STARTED_AT_MS, STARTED_AT_MS + 30 * 60_000],
      [endedAtMs - 18 * 60_000, endedAtMs],
    ],
    tokenCounters: [
      {
        counter: 'transcript',
        model: 'claude-opus-4-6',
        snapshots: variant === 'A' ? [BEFORE_COMPACTION] : [BEFORE_COMPACTION, AFTER_COMPACTION],
      },
    ],
    tools: toolUses({
      TaskUpdate: 16,
      TaskCreate: 10,
      Bash: 5,
      Write: 3,
      Edit: 2,
      mcp__webresearch__visit_page: 2,
      Read: 1,
      Grep: 1,
      Task: 1,
    }),
    tasks: { creates: 10, updates: 16, statuses: {}, completedWithoutId: 0 },
    evaluations: {
      relevance: [0.95, 0.94, 0.95],
      faithfulness: [0.92, 0.95, 0.96],
      coherence: [0.93, 0.92, 0.94],
      hallucination: [0.05, 0.03, 0.02],
    },
    spans: { count: 76, notOk: 0, longMs: 0 },
    invocations: [
      invocation({
        invocationId: 'session-1/webscraping-research-analyst/0',
        agentType: 'webscraping-research-analyst',
        startedAtMs: endedAtMs - 689_000,
        endedAtMs: endedAtMs - 660_000,
      }),
    ],
  })
}
