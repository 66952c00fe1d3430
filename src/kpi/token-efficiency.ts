import type { Session } from '../model/session.ts'
import { type KpiResult, share } from './result.ts'
import { outputEvidence, tokenUse } from './tokens.ts'

/** Output per token read or written: output / (fresh input + output + cache read). The mission's formula. */
export function tokenEfficiency(session: Session): KpiResult {
  const use = tokenUse(session)
  if ('absent' in use) return use
  const { freshInput, output, cacheRead } = use.tokens
  return share(output, freshInput + output + cacheRead, 'no token was read or written', {
    ...outputEvidence(session, use),
  })
}
