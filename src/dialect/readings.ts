import type { Activity, UsageMeasure } from '../model/activity.ts'
import type { LogRecord, MetricPoint, Span } from '../model/telemetry.ts'
import { intervalStartMs, isAmount, MAX_DURATION_MS } from './amounts.ts'
import type { Reading } from './dialect.ts'
import type { Owner } from './owner.ts'
import { attributesKey, spanKey } from './record-key.ts'

const MS_PER_SECOND = 1000

export const PRESENCE: readonly Activity[] = [{ kind: 'presence' }]

/** Of a metric that no KPI needs. */
export const UNUSED_METRIC: Reading = { kind: 'ignored', reason: 'metric_not_used' }

/** Of an item that repeats what another one of the same agent tells. */
export const TOLD_ELSEWHERE: Reading = { kind: 'ignored', reason: 'told_elsewhere' }

/** What a log record tells: it is written at the end, and reaches back by the duration. */
export function logReading(
  record: LogRecord,
  told: {
    readonly source: string
    readonly owner: Owner
    readonly activities: readonly Activity[]
    readonly durationMs: number
  },
): Reading {
  const { source, owner, activities, durationMs } = told
  const { timeMs, spanId, eventName, attributes } = record
  return {
    kind: 'observed',
    observation: {
      source,
      key: `${attributesKey({ ...attributes, '': eventName })}:${timeMs}:${spanId ?? ''}`,
      ...owner,
      startMs: timeMs - durationMs,
      endMs: timeMs,
      span: undefined,
      activities,
    },
  }
}

export function spanReading(
  span: Span,
  told: { readonly source: string; readonly owner: Owner; readonly activities: readonly Activity[] },
): Reading {
  const { source, owner, activities } = told
  const { startMs, endMs } = span
  return {
    kind: 'observed',
    observation: { source, key: spanKey(span), ...owner, startMs, endMs, span: undefined, activities },
  }
}

/** What a metric measures, in its own unit. */
export interface Metered {
  readonly measure: UsageMeasure
  readonly value: number
}

/** A point of a usage metric; one point may measure several things. */
export function usageReading(
  point: MetricPoint,
  told: {
    readonly source: string
    readonly owner: Owner
    readonly metered: readonly Metered[]
    readonly model: string | undefined
  },
): Reading {
  const { source, owner, metered, model } = told
  const { name, startMs, timeMs } = point
  if (!metered.every(({ value }) => isAmount(value))) return { kind: 'ignored', reason: 'metric_out_of_range' }
  const cumulative = point.temporality === 'cumulative'
  const attributes = attributesKey({
    ...point.attributes,
    'service.instance.id': point.resource.attributes['service.instance.id'],
  })
  // A cumulative series begins anew with each process, and counts from its own start.
  const series = cumulative ? `${name}:${startMs ?? ''}:${attributes}` : `${name}:${attributes}`
  return {
    kind: 'observed',
    observation: {
      source,
      key: `${name}:${startMs ?? ''}:${timeMs}:${attributes}`,
      ...owner,
      startMs: intervalStartMs(startMs, timeMs),
      endMs: timeMs,
      span: undefined,
      activities: metered.map(({ measure, value }) => ({
        kind: 'usage',
        measure,
        model,
        series: `${series}:${measure}`,
        cumulative,
        value,
      })),
    },
  }
}

/** The time that a span shows its agent at work, of a series to which each such span adds. */
export function activeTime({ startMs, endMs }: Span, series: string): Activity {
  const value = Math.min(Math.max(0, endMs - startMs), MAX_DURATION_MS) / MS_PER_SECOND
  return { kind: 'usage', measure: 'activeSeconds', model: undefined, series, cumulative: false, value }
}
