import type { Note } from '../model/assessment.ts'
import { type Display, formatKpi } from './format.ts'
import type { Direction, Thresholds } from './table.ts'

/** What must be known of a KPI to check its value. */
export interface Threshold extends Display {
  readonly label: string
  readonly direction: Direction
  readonly thresholds: Thresholds
}

/**
 * Compares a value with a KPI's thresholds.
 *
 * @returns the worst that it crosses; between target and warning it is a `below_target`; `undefined` when it is fine
 */
export function thresholdNote(kpi: string, value: number, definition: Threshold): Note | undefined {
  const { direction, thresholds } = definition
  for (const [name, code] of WORST_FIRST) {
    const threshold = thresholds[name]
    if (threshold === undefined || !isWorse(value, threshold, direction)) continue
    const side = direction === 'higher' ? 'below' : 'above'
    const found = formatKpi(value, definition)
    const limit = name === 'target' ? 'its target' : `the ${name} threshold`
    // Joined: with a template's text, which V8 keeps in pieces, the whole ledger line takes twice as long to become JSON.
    const message = [definition.label, found, 'is', side, limit, formatKpi(threshold, definition)].join(' ')
    return { code, kpi, message, threshold }
  }
  return undefined
}

/** @returns the pair of thresholds that contradict each other: the second must not be better than the first */
export function misordered(
  { target, warning, critical }: Thresholds,
  direction: Direction,
): readonly [first: keyof Thresholds, second: keyof Thresholds] | undefined {
  if (contradicts(target, warning, direction)) return ['target', 'warning']
  if (contradicts(warning, critical, direction)) return ['warning', 'critical']
  return contradicts(target, critical, direction) ? ['target', 'critical'] : undefined
}

const WORST_FIRST = [
  ['critical', 'critical_threshold'],
  ['warning', 'warning_threshold'],
  ['target', 'below_target'],
] as const satisfies readonly (readonly [keyof Thresholds, Note['code']])[]

function isWorse(value: number, threshold: number, direction: Direction): boolean {
  return direction === 'higher' ? value < threshold : value > threshold
}

function contradicts(first: number | undefined, second: number | undefined, direction: Direction): boolean {
  return first !== undefined && second !== undefined && isWorse(first, second, direction)
}
