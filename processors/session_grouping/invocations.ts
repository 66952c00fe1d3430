import type { InvocationStatus } from '#src/model/activity.ts'
import type { Invocation } from '#src/model/session.ts'

/** A start or an end of an invocation, as telemetry told it. */
export interface InvocationMark {
  readonly kind: 'start' | 'end'
  readonly timeMs: number
  readonly agentType: string
  readonly invocationId: string | undefined
  readonly status: InvocationStatus
  /** Of an end: nothing comes later. Of a start: the invocation runs in the foreground. */
  readonly final: boolean
}

interface Draft {
  readonly ordinal: number
  readonly agentType: string
  readonly id: string | undefined
  startedAtMs: number | undefined
  endedAtMs: number | undefined
  status: InvocationStatus
  ended: boolean
}

/**
 * Pairs marks to invocations. Marks with an id belong to that id; those without are paired by agent type, oldest start
 * first. The result depends on the marks' times alone, not on their order.
 */
export function pairInvocations(marks: readonly InvocationMark[], sessionId: string): Invocation[] {
  const drafts: Draft[] = []
  const ordered = marks.toSorted((a, b) => a.timeMs - b.timeMs || rank(a) - rank(b))
  for (const mark of ordered) {
    if (mark.kind === 'start') start(drafts, mark)
    else end(drafts, mark)
  }
  return drafts.map((draft) => ({
    invocationId: draft.id ?? `${sessionId}/${draft.agentType}/${draft.ordinal}`,
    parentId: undefined,
    agentType: draft.agentType,
    startedAtMs: draft.startedAtMs,
    endedAtMs: draft.endedAtMs,
    status: draft.status,
  }))
}

// A start and an end of the same millisecond belong together.
function rank(mark: InvocationMark): number {
  return mark.kind === 'start' ? 0 : 1
}

// The clocks of two sources differ: the start of one may come after the end of the other.
function start(drafts: Draft[], mark: InvocationMark): void {
  const known = mark.invocationId === undefined ? undefined : drafts.find(({ id }) => id === mark.invocationId)
  if (known === undefined) drafts.push(begin(mark, drafts.length))
  else known.startedAtMs ??= Math.min(mark.timeMs, known.endedAtMs ?? mark.timeMs)
}

function begin(mark: InvocationMark, ordinal: number): Draft {
  return {
    ordinal,
    agentType: mark.agentType,
    id: mark.invocationId,
    startedAtMs: mark.timeMs,
    endedAtMs: undefined,
    status: 'running',
    ended: false,
  }
}

function end(drafts: Draft[], mark: InvocationMark): void {
  const draft = drafts.find((candidate) => !candidate.ended && belongs(candidate, mark)) ?? lastOf(drafts, mark)
  if (draft === undefined) {
    const found = begin(mark, drafts.length)
    drafts.push({ ...found, startedAtMs: undefined, endedAtMs: mark.timeMs, status: mark.status, ended: true })
    return
  }
  draft.endedAtMs = mark.timeMs
  draft.ended = true
  // The final mark of hook spans knows the time, not the outcome.
  if (mark.status !== 'unknown' || draft.status === 'running') draft.status = mark.status
}

function lastOf(drafts: readonly Draft[], mark: InvocationMark): Draft | undefined {
  return mark.final ? drafts.findLast((candidate) => belongs(candidate, mark)) : undefined
}

function belongs(draft: Draft, mark: InvocationMark): boolean {
  return mark.invocationId === undefined ? draft.agentType === mark.agentType : draft.id === mark.invocationId
}
