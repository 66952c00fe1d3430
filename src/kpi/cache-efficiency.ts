import type { Session } from '../model/session.ts'
import { type KpiResult, share } from './result.ts'
import { tokenUse } from './tokens.ts'

/** Share of the input that came from the cache: cache read / (fresh input + cache read + cache creation). */
export function cacheEfficiency(session: Session): KpiResult {
  const use = tokenUse(session)
  if ('absent' in use) return use
  const { freshInput, cacheRead, cacheCreation } = use.tokens
  return share(cacheRead, freshInput + cacheRead + cacheCreation, 'no input token was recorded', {
    n: use.n,
    sources: session.sources,
  })
}
