import type { Session } from '../model/session.ts'
import { type KpiResult, share } from './result.ts'
import { outputEvidence, tokenUse } from './tokens.ts'

/**
 * Output per token that was new: output / (fresh input + cache creation + output). Unlike token efficiency it does not
 * fall merely because a long session reads its cache again and again.
 */
export function freshTokenEfficiency(session: Session): KpiResult {
  const use = tokenUse(session)
  if ('absent' in use) return use
  const { freshInput, cacheCreation, output } = use.tokens
  return share(output, freshInput + cacheCreation + output, 'no new token was read or written', {
    ...outputEvidence(session, use),
  })
}
