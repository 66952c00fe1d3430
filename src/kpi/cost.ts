import type { Session } from '../model/session.ts'
import { type KpiResult, share } from './result.ts'
import { countTasks } from './tasks.ts'
import { tokenUse } from './tokens.ts'
import { costUsd } from './totals.ts'

const NO_COST = 'no source reported costs'

/** US dollars / tasks completed. */
export function costPerTask(session: Session): KpiResult {
  const cost = costUsd(session)
  if (cost === undefined) return { absent: NO_COST }
  const { completed } = countTasks(session)
  return share(cost, completed, 'no task is known to be completed', { n: completed, sources: session.sources })
}

/** US dollars / output tokens. */
export function costPerOutputToken(session: Session): KpiResult {
  const cost = costUsd(session)
  if (cost === undefined) return { absent: NO_COST }
  const use = tokenUse(session)
  if ('absent' in use) return use
  return share(cost, use.tokens.output, 'no output token was counted', { n: use.n, sources: session.sources })
}
