import type { InvocationStatus } from '#src/model/activity.ts'
import type { InvocationFrame, InvocationMark } from './invocations.ts'

interface Draft {
  readonly ordinal: number
  readonly agentType: string
  startedAtMs: number | undefined
  endedAtMs: number | undefined
  status: InvocationStatus
  ended: boolean
}

/**
 * Pairs marks that have no id to invocations: by agent type, the oldest start first. The result depends on the marks'
 * times alone, not on their order.
 */
export function pairAnonymous(marks: readonly InvocationMark[], sessionId: string): InvocationFrame[] {
  const drafts: Draft[] = []
  const ordered = marks.toSorted((a, b) => a.timeMs - b.timeMs || rank(a) - rank(b) || (nameOf(a) < nameOf(b) ? -1 : 1))
  for (const mark of ordered) {
    if (mark.kind === 'start') drafts.push(begin(mark, drafts.length))
    else end(drafts, mark)
  }
  return drafts.map(({ agentType, ordinal, startedAtMs, endedAtMs, status }) => ({
    invocationId: `${sessionId}/${agentType}/${ordinal}`,
    parentId: undefined,
    agentType,
    startedAtMs,
    endedAtMs,
    status,
  }))
}

// A start and an end of the same millisecond belong together.
function rank(mark: InvocationMark): number {
  return mark.kind === 'start' ? 0 : 1
}

/** Of those of the same time: theirs must not decide who came first. */
function nameOf({ agentType, status, final }: InvocationMark): string {
  return `${agentType} ${status} ${final}`
}

function begin({ agentType, timeMs }: InvocationMark, ordinal: number): Draft {
  return { ordinal, agentType, startedAtMs: timeMs, endedAtMs: undefined, status: 'running', ended: false }
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
  return draft.agentType === mark.agentType
}
