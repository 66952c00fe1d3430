import { isCounted } from '../kpi/counted-kpis.ts'
import { positionScale, UNKNOWN_SCALE } from '../kpi/position-scale.ts'
import { type Direction, type KpiName, kpiDefinition } from '../kpi/table.ts'
import { continuousReference } from './continuous-reference.ts'
import { countReference } from './count-reference.ts'
import type { Reference } from './reference.ts'

/** How policy `standard` tests a KPI. */
export interface Yardstick {
  /** Which direction is better. */
  readonly direction: Direction
  /** A change by less than this share of what is usual is none worth an alert. */
  readonly minEffectShare: number
  /** Nor is one by less than this, in the KPI's unit. */
  readonly minEffect: number
  /** Fewer inputs say too little as long as no other session is known. */
  readonly leastInputsAlone: number
  /** Whether a value says something. @param inputs number of inputs that it rests on */
  tells(value: number, inputs: number): boolean
  /** What is usual before anything is known. */
  readonly first: Reference
}

// The KPIs that are tested. The others of the table repeat what these say, or are no fault of the agent: each test more
// makes all of them less sensitive.
const TESTED: Readonly<Partial<Record<KpiName, Test>>> = {
  token_efficiency: { minEffectShare: 0.2 },
  task_completion_rate: { minEffectShare: 0.15 },
  active_time_ratio: { minEffectShare: 0.2 },
  // A session without tasks manages none: its 0 says nothing about one that has some.
  tool_overhead_ratio: { minEffectShare: 0.2, skipsZero: true },
  cache_efficiency: { minEffectShare: 0.1 },
  error_rate: { minEffectShare: 0.2 },
  quality_relevance: { minEffectShare: 0.05 },
  quality_faithfulness: { minEffectShare: 0.05 },
  quality_coherence: { minEffectShare: 0.05 },
  quality_hallucination: { minEffectShare: 0.2 },
}

interface Test {
  readonly minEffectShare: number
  readonly skipsZero?: true
}

const LEAST_COUNTS_ALONE = 10
const CUSTOM_MIN_EFFECT_SHARE = 0.2

const YARDSTICKS: ReadonlyMap<string, Yardstick> = new Map(
  Object.entries(TESTED).flatMap(([kpi, { minEffectShare, skipsZero = false }]) => {
    const definition = kpiDefinition(kpi)
    if (definition === undefined) return []
    const { direction, minStdDev } = definition
    const counts = isCounted(kpi)
    const yardstick: Yardstick = {
      direction,
      minEffectShare,
      minEffect: minStdDev,
      leastInputsAlone: counts ? LEAST_COUNTS_ALONE : 0,
      tells: (value, inputs) => !(counts && inputs < 1) && !(skipsZero && value === 0),
      first: counts ? countReference(direction) : continuousReference(positionScale(definition), direction),
    }
    return [[kpi, yardstick] as const]
  }),
)

/**
 * @param customDirection of a KPI that the configuration defines
 * @returns `undefined` for a KPI that is not tested
 */
export function yardstickOf(kpi: string, customDirection: Direction | undefined): Yardstick | undefined {
  if (kpiDefinition(kpi) !== undefined) return YARDSTICKS.get(kpi)
  return customDirection === undefined ? undefined : CUSTOM[customDirection]
}

const CUSTOM: Readonly<Record<Direction, Yardstick>> = {
  higher: customYardstick('higher'),
  lower: customYardstick('lower'),
}

function customYardstick(direction: Direction): Yardstick {
  return {
    direction,
    minEffectShare: CUSTOM_MIN_EFFECT_SHARE,
    minEffect: 0,
    leastInputsAlone: 0,
    tells: () => true,
    first: continuousReference(UNKNOWN_SCALE, direction),
  }
}
