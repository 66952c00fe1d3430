import type { Scale } from '../stats/scale.ts'

/** `standard`: this project's formulas. `seed`: the mission's literal ones, for people who compare. */
export type Definitions = 'standard' | 'seed'
export type Direction = 'higher' | 'lower'

/** On the better side of `target` a value is fine; beyond `warning` or `critical` it is not. An absent one is not checked. */
export interface Thresholds {
  readonly target?: number
  readonly warning?: number
  readonly critical?: number
}

export interface KpiDefinition {
  readonly label: string
  /** What `standard` computes, in words. */
  readonly formula: string
  /** Which direction is better. */
  readonly direction: Direction
  /** As OpenTelemetry writes units. */
  readonly unit: string
  readonly display: 'decimal' | 'percent'
  /** Digits after the point where people read it; stored values are never rounded. */
  readonly decimals: number
  readonly scale: Scale
  /** Standard deviations below this are noise of the measurement; the KPI's unit. */
  readonly minStdDev: number
  /** Many sessions rightly have none: it does not count for their completeness. */
  readonly occasional?: true
  readonly thresholds: Readonly<Record<Definitions, Thresholds>>
}

/** Every KPI that agentperf knows. A new one is an entry here, a formula in formulas.ts and a file. */
export const KPI_TABLE = {
  token_efficiency: {
    label: 'Token Efficiency',
    formula: 'output tokens / (fresh input + output + cache read)',
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 4,
    scale: 'log',
    minStdDev: 0.0001,
    // No real session comes near the mission's target, so that a fixed threshold would always be crossed.
    thresholds: { standard: {}, seed: { target: 0.05, warning: 0.02, critical: 0.01 } },
  },
  fresh_token_efficiency: {
    label: 'Fresh Token Efficiency',
    formula: 'output tokens / (fresh input + cache creation + output)',
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 3,
    scale: 'logit',
    minStdDev: 0.005,
    thresholds: { standard: {}, seed: {} },
  },
  task_completion_rate: {
    label: 'Task Completion',
    formula:
      'tasks completed / tasks created, deleted ones left out; without a known status estimated from the updates',
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    scale: 'logit',
    minStdDev: 0.02,
    thresholds: sameThresholds({ target: 0.95, warning: 0.85, critical: 0.7 }),
  },
  active_time_ratio: {
    label: 'Active Time Ratio',
    formula: 'time at work / time from first to last activity, pauses between processes left out',
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    scale: 'logit',
    minStdDev: 0.02,
    thresholds: sameThresholds({ target: 0.6, warning: 0.4, critical: 0.2 }),
  },
  tool_overhead_ratio: {
    label: 'Tool Overhead',
    formula: 'calls of tools that manage tasks / calls of all other tools',
    direction: 'lower',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    scale: 'log',
    minStdDev: 0.05,
    thresholds: sameThresholds({ target: 0.5, warning: 1, critical: 2 }),
  },
  cache_efficiency: {
    label: 'Cache Efficiency',
    formula: 'cache read / (fresh input + cache read + cache creation)',
    direction: 'higher',
    unit: '1',
    display: 'percent',
    decimals: 1,
    scale: 'logit',
    minStdDev: 0.005,
    thresholds: sameThresholds({ target: 0.9, warning: 0.8, critical: 0.7 }),
  },
  error_rate: {
    label: 'Error Rate',
    formula: 'failed tool calls and model calls / those whose outcome is known',
    direction: 'lower',
    unit: '1',
    display: 'percent',
    decimals: 1,
    scale: 'logit',
    minStdDev: 0.01,
    thresholds: sameThresholds({ target: 0, warning: 0.05, critical: 0.1 }),
  },
  tool_failure_rate: {
    label: 'Tool Failure Rate',
    formula: 'failed tool calls / those whose outcome is known',
    direction: 'lower',
    unit: '1',
    display: 'percent',
    decimals: 1,
    scale: 'logit',
    minStdDev: 0.01,
    thresholds: { standard: {}, seed: {} },
  },
  compactions: {
    label: 'Compactions',
    formula: 'how often the context was compacted',
    direction: 'lower',
    unit: '{compaction}',
    display: 'decimal',
    decimals: 0,
    scale: 'linear',
    minStdDev: 0.25,
    thresholds: { standard: {}, seed: {} },
  },
  edit_retry_rate: {
    label: 'Edit Retry Rate',
    formula: 'failed edits of files / those whose outcome is known',
    direction: 'lower',
    unit: '1',
    display: 'percent',
    decimals: 1,
    scale: 'logit',
    minStdDev: 0.01,
    occasional: true,
    thresholds: { standard: {}, seed: {} },
  },
  interruption_rate: {
    label: 'Interruption Rate',
    formula: 'tool calls that were not allowed / all that the agent wanted to make',
    direction: 'lower',
    unit: '1',
    display: 'percent',
    decimals: 1,
    scale: 'logit',
    minStdDev: 0.01,
    occasional: true,
    thresholds: { standard: {}, seed: {} },
  },
  cost_per_task: {
    label: 'Cost per Task',
    formula: 'US dollars / tasks completed',
    direction: 'lower',
    unit: 'USD/{task}',
    display: 'decimal',
    decimals: 2,
    scale: 'log',
    minStdDev: 0.01,
    occasional: true,
    thresholds: { standard: {}, seed: {} },
  },
  cost_per_output_token: {
    label: 'Cost per Output Token',
    formula: 'US dollars / output tokens',
    direction: 'lower',
    unit: 'USD/{token}',
    display: 'decimal',
    decimals: 6,
    scale: 'log',
    minStdDev: 0.000001,
    occasional: true,
    thresholds: { standard: {}, seed: {} },
  },
  handoff_latency_ms: {
    label: 'Handoff Latency (ms)',
    formula: 'median time from the end of one subagent to the start of the next',
    direction: 'lower',
    unit: 'ms',
    display: 'decimal',
    decimals: 0,
    scale: 'log',
    minStdDev: 100,
    occasional: true,
    thresholds: { standard: {}, seed: {} },
  },
  quality_relevance: {
    label: 'Relevance',
    formula: 'median score that a judging model gave, 0 to 1',
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    scale: 'logit',
    minStdDev: 0.02,
    thresholds: sameThresholds({ target: 0.9, warning: 0.7, critical: 0.5 }),
  },
  quality_faithfulness: {
    label: 'Faithfulness',
    formula: 'median score that a judging model gave, 0 to 1',
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    scale: 'logit',
    minStdDev: 0.02,
    thresholds: sameThresholds({ target: 0.9, warning: 0.8, critical: 0.6 }),
  },
  quality_coherence: {
    label: 'Coherence',
    formula: 'median score that a judging model gave, 0 to 1',
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    scale: 'logit',
    minStdDev: 0.02,
    thresholds: sameThresholds({ target: 0.9, warning: 0.75, critical: 0.6 }),
  },
  quality_hallucination: {
    label: 'Hallucination',
    formula: 'mean score that a judging model gave, 0 to 1',
    direction: 'lower',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    scale: 'logit',
    minStdDev: 0.02,
    thresholds: sameThresholds({ target: 0.05, warning: 0.1, critical: 0.2 }),
  },
} as const satisfies Readonly<Record<string, KpiDefinition>>

export type KpiName = keyof typeof KPI_TABLE

/** In the order in which tables list them. */
export const KPI_NAMES: readonly KpiName[] = Object.keys(KPI_TABLE).filter(isKpiName)

export function isKpiName(name: string): name is KpiName {
  return Object.hasOwn(KPI_TABLE, name)
}

/** @returns `undefined` for a KPI that the configuration defines */
export function kpiDefinition(name: string): KpiDefinition | undefined {
  return DEFINITIONS.get(name)
}

const DEFINITIONS: ReadonlyMap<string, KpiDefinition> = new Map(Object.entries(KPI_TABLE))

function sameThresholds(thresholds: Thresholds): Readonly<Record<Definitions, Thresholds>> {
  return { standard: thresholds, seed: thresholds }
}
