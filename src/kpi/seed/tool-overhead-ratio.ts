import type { Session } from '../../model/session.ts'
import type { KpiResult } from '../result.ts'
import { type ToolLists, toolOverheadRatio } from '../tool-overhead-ratio.ts'

/** The mission's formula: it knows three management tools and four productive ones. */
export function seedToolOverheadRatio(session: Session): KpiResult {
  return toolOverheadRatio(session, SEED_TOOLS)
}

const SEED_TOOLS: ToolLists = {
  managementTools: ['TaskCreate', 'TaskUpdate', 'TaskDelete'],
  productiveTools: ['Read', 'Write', 'Edit', 'Bash'],
}
