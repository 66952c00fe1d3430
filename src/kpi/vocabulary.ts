import type { Totals } from '../model/assessment.ts'

/** What an expression may name: a value that it can read. */
export interface CelName {
  readonly name: string
  readonly type: 'double' | 'string'
  readonly description: string
}

/** Which names there are beside the fixed ones. */
export interface Vocabulary {
  /** Names of the KPIs that an expression may read. */
  readonly kpis: readonly string[]
  /** Whether the session was compared with its baseline: `baselines`, `std_devs` and `deviations` can be read. */
  readonly compared: boolean
}

/** Maps of numbers, by the names of their keys; `undefined` stands for any name. */
export type Maps = Readonly<Record<string, readonly string[]>>

export const TOOL_FIELDS: readonly string[] = ['calls', 'failures']

const TOTALS: Readonly<Record<keyof Totals, string>> = {
  fresh_input_tokens: 'input tokens outside the cache',
  cache_read_tokens: 'input tokens read from the cache',
  cache_creation_tokens: 'input tokens written to the cache',
  output_tokens: 'output tokens',
  reasoning_tokens: 'output tokens that were reasoning',
  cost_usd: 'cost in US dollars',
  model_calls: 'model calls',
  model_errors: 'model calls that failed',
  tool_calls: 'tool calls',
  tool_failures: 'tool calls that failed',
  tool_rejections: 'tool calls that were refused',
  tasks_created: 'tasks created',
  tasks_completed: 'tasks completed',
  prompts: 'prompts',
  compactions: 'compactions of the context',
}

/** Single values of a session. */
export const SCALARS: Readonly<Record<string, Omit<CelName, 'name'>>> = {
  duration_seconds: { type: 'double', description: 'time from first to last activity' },
  agent_type: { type: 'string', description: 'agent type' },
  agent_version: { type: 'string', description: "the agent program's version" },
  model: { type: 'string', description: 'model that wrote most of the output' },
}

const COMPARISONS: Readonly<Record<string, string>> = {
  baselines: 'mean of the baseline (only in rules)',
  std_devs: 'σ of the baseline (only in rules)',
  deviations: 'distance in σ, + is worse (in rules)',
}

/** @returns the maps that an expression can read, with the names of their keys */
export function mapsOf({ kpis, compared }: Vocabulary): Maps {
  const comparisons = compared ? Object.keys(COMPARISONS).map((name) => [name, kpis] as const) : []
  return { totals: Object.keys(TOTALS), kpis, ...Object.fromEntries(comparisons) }
}

/** Everything that an expression may name, for people: any tool name stands for `<Tool>`. */
export function celNames(vocabulary: Vocabulary): readonly CelName[] {
  return [
    ...Object.entries(SCALARS).map(([name, rest]) => ({ name, ...rest })),
    ...Object.entries(TOTALS).map(([name, description]) => number(`totals.${name}`, description)),
    number('tools.<Tool>.calls', 'calls of one tool'),
    number('tools.<Tool>.failures', 'calls of one tool that failed'),
    ...vocabulary.kpis.map((kpi) => number(`kpis.${kpi}`, 'value of the KPI')),
    ...(vocabulary.compared
      ? Object.entries(COMPARISONS).flatMap(([map, description]) =>
          vocabulary.kpis.map((kpi) => number(`${map}.${kpi}`, description)),
        )
      : []),
  ]
}

function number(name: string, description: string): CelName {
  return { name, type: 'double', description }
}
