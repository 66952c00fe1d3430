import type { LedgerLine } from '#src/model/assessment.ts'

/**
 * Whether a session is known to have done nothing: a prompt that was stopped, say. It tells nothing of how its agent does.
 *
 * Prompts are what such a session has, and no work. A conversation without tools that only hooks told of looks the same; as
 * nothing of it could be measured, nothing is lost with it.
 */
export function didNothing({ totals }: Pick<LedgerLine, 'totals'>): boolean {
  const { prompts = 0, ...work } = totals
  const isIdle = Object.values(work).every((count) => count === 0)
  return isIdle && (prompts > 0 || Object.keys(work).length > 0)
}
