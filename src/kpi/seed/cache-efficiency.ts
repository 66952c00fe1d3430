import type { Session } from '../../model/session.ts'
import { type KpiResult, share } from '../result.ts'
import { tokenUse } from '../tokens.ts'

/** The mission's formula: cache read / (fresh input + cache read), without what was written to the cache. */
export function seedCacheEfficiency(session: Session): KpiResult {
  const use = tokenUse(session)
  if ('absent' in use) return use
  const { freshInput, cacheRead } = use.tokens
  return share(cacheRead, freshInput + cacheRead, 'no input token was recorded', {
    n: use.n,
    sources: session.sources,
  })
}
