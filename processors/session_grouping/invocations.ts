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
  agentType: string
  readonly id: string | undefined
  startedAtMs: number | undefined
  endedAtMs: number | undefined
  status: InvocationStatus
  ended: boolean
}

/** Names that stand for a type that the source does not tell; better ones come from other marks of the same id. */
const VAGUE_TYPES: readonly string[] = ['custom', 'unknown']

/**
 * Pairs marks to invocations. Marks with an id belong to that id, and where there are any, those without are a second
 * account of the same invocations and do not count. Else they are paired by agent type, oldest start first. The result
 * depends on the marks' times alone, not on their order.
 */
export function pairInvocations(marks: readonly InvocationMark[], sessionId: string): Invocation[] {
  const drafts: Draft[] = []
  const named = marks.filter(({ invocationId }) => invocationId !== undefined)
  const ordered = (named.length > 0 ? named : marks).toSorted((a, b) => a.timeMs - b.timeMs || rank(a) - rank(b))
  for (const mark of ordered) {
    const known = mark.invocationId === undefined ? undefined : drafts.find(({ id }) => id === mark.invocationId)
    if (known !== undefined) refine(known, mark)
    else if (mark.kind === 'start') drafts.push(begin(mark, drafts.length))
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

/** Adds what one more mark of the same id tells. */
function refine(draft: Draft, mark: InvocationMark): void {
  if (vagueness(mark.agentType) < vagueness(draft.agentType)) draft.agentType = mark.agentType
  if (mark.kind === 'start') draft.startedAtMs ??= mark.timeMs
  else finish(draft, mark)
}

/** 0 for a real type. */
function vagueness(agentType: string): number {
  return VAGUE_TYPES.indexOf(agentType) + 1
}

// A start and an end of the same millisecond belong together.
function rank(mark: InvocationMark): number {
  return mark.kind === 'start' ? 0 : 1
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
  finish(draft, mark)
}

function finish(draft: Draft, mark: InvocationMark): void {
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
