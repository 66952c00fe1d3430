import type { Totals } from '../model/assessment.ts'
import type { Session } from '../model/session.ts'
import { countTasks } from './tasks.ts'
import { tokenUse } from './tokens.ts'
import { countToolCalls } from './tool-calls.ts'

/** Sums over a session. What nothing measured is left out: a source that cannot count prompts did not count 0. */
export function sessionTotals(session: Session): Totals {
  return {
    ...tokenTotals(session),
    ...modelTotals(session),
    ...toolTotals(session),
    ...taskTotals(session),
    ...eventTotals(session),
  }
}

function tokenTotals(session: Session): Totals {
  const use = tokenUse(session)
  if ('absent' in use) return {}
  const { freshInput, cacheRead, cacheCreation, output, reasoning } = use.tokens
  return {
    fresh_input_tokens: freshInput,
    cache_read_tokens: cacheRead,
    cache_creation_tokens: cacheCreation,
    output_tokens: output,
    ...(reasoning > 0 ? { reasoning_tokens: reasoning } : {}),
  }
}

/** US dollars: of single model calls where a source knows their costs, else of metrics. */
export function costUsd({ modelUse, meteredUse }: Session): number | undefined {
  return modelUse?.costUsd ?? meteredUse.costUsd
}

function modelTotals(session: Session): Totals {
  const { modelUse } = session
  const cost = costUsd(session)
  return {
    ...(cost === undefined ? {} : { cost_usd: cost }),
    ...(modelUse === undefined ? {} : { model_calls: modelUse.calls, model_errors: modelUse.errors }),
  }
}

// A source that tells of model calls and rejections tells of tool calls too: then none means none.
function toolTotals(session: Session): Totals {
  const { calls, known, failed } = countToolCalls(session)
  const counted = session.rejections !== undefined
  return {
    ...(counted || calls > 0 ? { tool_calls: calls } : {}),
    ...(counted || known > 0 ? { tool_failures: failed } : {}),
    ...(session.rejections === undefined ? {} : { tool_rejections: session.rejections }),
  }
}

function taskTotals(session: Session): Totals {
  const { creates, updates } = session.tasks
  const { completed, hasStatus } = countTasks(session)
  return {
    ...(hasStatus || creates + updates > 0 ? { tasks_created: creates } : {}),
    ...(hasStatus ? { tasks_completed: completed } : {}),
  }
}

function eventTotals({ prompts, compactions }: Session): Totals {
  return { ...(prompts > 0 ? { prompts } : {}), ...(compactions > 0 ? { compactions } : {}) }
}
