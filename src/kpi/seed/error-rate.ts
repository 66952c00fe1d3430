import type { Session } from '../../model/session.ts'
import { type KpiResult, share } from '../result.ts'

/** The mission's formula: spans whose status is not OK / all spans. */
export function seedErrorRate({ spans, sources }: Session): KpiResult {
  return share(spans.notOk, spans.count, 'no span was recorded', { n: spans.count, sources })
}
