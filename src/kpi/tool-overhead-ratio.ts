import type { Session } from '../model/session.ts'
import type { KpiResult } from './result.ts'

/** Tools that manage the agent's own work. */
export const MANAGEMENT_TOOLS: readonly string[] = [
  'TaskCreate',
  'TaskUpdate',
  'TaskDelete',
  'TaskList',
  'TaskGet',
  'TodoWrite',
  'TaskStop',
]

export interface ToolLists {
  readonly managementTools: readonly string[]
  /** Absent: every tool that is not a management tool. */
  readonly productiveTools?: readonly string[]
}

/** Calls of management tools / calls of productive tools. Without a productive call it is absent, with a finding. */
export function toolOverheadRatio(session: Session, { managementTools, productiveTools }: ToolLists): KpiResult {
  let management = 0
  let productive = 0
  for (const [tool, { calls }] of Object.entries(session.tools)) {
    if (managementTools.includes(tool)) management += calls
    else if (productiveTools === undefined || productiveTools.includes(tool)) productive += calls
  }
  if (productive > 0) {
    return {
      value: management / productive,
      n: management + productive,
      sources: session.sources,
      estimated: false,
    }
  }
  if (management === 0) return { absent: 'no tool call was recorded' }
  const message = `${management} calls of management tools and none of a productive one: the telemetry covers no other tools, or the session only managed tasks`
  return { absent: 'no productive tool was called', note: { code: 'uncovered_tools', message } }
}
