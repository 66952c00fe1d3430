import type { KpiDefinition } from './table.ts'

/** Where a KPI's values scatter evenly around what is usual. */
export interface PositionScale {
  toPosition(value: number): number
  fromPosition(position: number): number
  /** The least standard deviation of positions around one, however steady the KPI was. */
  minStdDevAt(position: number): number
}

const MIN_RELATIVE_STD_DEV = 0.05

/** The scale of a KPI of the table. Values beyond its ends are moved to them. */
export function positionScale({ scale, minStdDev }: Pick<KpiDefinition, 'scale' | 'minStdDev'>): PositionScale {
  if (scale === 'log') return logScale(minStdDev)
  return scale === 'logit' ? logitScale(minStdDev) : UNKNOWN_SCALE
}

/** Nothing is known of the KPI: even near 0, and logarithmic for large numbers, which are mostly skewed. */
export const UNKNOWN_SCALE: PositionScale = {
  toPosition: Math.asinh,
  fromPosition: Math.sinh,
  minStdDevAt: (position) => MIN_RELATIVE_STD_DEV * Math.abs(Math.tanh(position)),
}

// Shifted by what is noise anyway, so that 0 has a place.
function logScale(minStdDev: number): PositionScale {
  return {
    toPosition: (value) => Math.log(Math.max(value, 0) + minStdDev),
    fromPosition: (position) => Math.max(0, Math.exp(position) - minStdDev),
    minStdDevAt: (position) => Math.max(MIN_RELATIVE_STD_DEV, minStdDev / Math.exp(position)),
  }
}

// Kept off 0 and 1, where the scale ends.
function logitScale(minStdDev: number): PositionScale {
  const edge = minStdDev / 2
  const shareAt = (position: number): number => 1 / (1 + Math.exp(-position))
  return {
    toPosition: (value) => {
      const share = Math.min(1 - edge, Math.max(edge, value))
      return Math.log(share / (1 - share))
    },
    fromPosition: shareAt,
    minStdDevAt: (position) => minStdDev / (shareAt(position) * (1 - shareAt(position))),
  }
}
