import type { LedgerLine } from '../model/assessment.ts'
import type { Assignment } from './assignment.ts'
import type { SuggestionLife } from './suggestion-life.ts'

/**
 * What a session's ledger line says of suggestions: those that were put into it, and whether it serves for comparison.
 *
 * @param lives of its agent type
 * @param assignments of its agent type
 */
export function sessionArm(
  sessionId: string,
  lives: readonly SuggestionLife[],
  assignments: readonly Assignment[],
): Pick<LedgerLine, 'optimizations_active' | 'arm'> {
  const injected = lives.filter(({ trial }) => trial?.injectedTokens[sessionId] !== undefined).map(({ id }) => id)
  const assignment = assignments.find((one) => one.sessionId === sessionId)
  if (assignment === undefined) return { optimizations_active: injected, arm: null }
  const arm = Object.values(assignment.arms).includes('treated') ? 'treated' : 'control'
  return { optimizations_active: injected, arm }
}
