import type { Activity } from '../model/activity.ts'
import type { Attributes, LogRecord, MetricPoint, Span, Telemetry } from '../model/telemetry.ts'
import type { Reading } from './dialect.ts'
import { readTelemetry } from './dialects.ts'

export const TIME_MS = 1_795_170_222_000

/** What all telemetry of one agent has. */
export interface Agent {
  readonly service: string
  readonly version?: string
  readonly resource?: Attributes
}

function origin({ service, version = '1.2.3', resource = {} }: Agent) {
  return {
    resource: { attributes: { 'service.name': service, 'service.version': version, ...resource } },
    scope: { name: service },
  }
}

export function logOf(agent: Agent, eventName: string, attributes: Attributes): LogRecord {
  return { kind: 'log', timeMs: TIME_MS, eventName, body: 'free text', attributes, ...origin(agent) }
}

export function spanOf(agent: Agent, name: string, attributes: Attributes, rest: Partial<Span> = {}): Span {
  return {
    kind: 'span',
    traceId: '9e49df54a8356b2fc17dd8d473144cb5',
    spanId: '471237d4b62978ce',
    name,
    startMs: TIME_MS,
    endMs: TIME_MS + 500,
    status: 'unset',
    attributes,
    ...origin(agent),
    ...rest,
  }
}

export function pointOf(
  agent: Agent,
  name: string,
  attributes: Attributes,
  rest: Partial<MetricPoint> = {},
): MetricPoint {
  return {
    kind: 'metric',
    name,
    unit: '',
    type: 'sum',
    temporality: 'cumulative',
    monotonic: true,
    startMs: TIME_MS - 1000,
    timeMs: TIME_MS,
    value: 40,
    attributes,
    ...origin(agent),
    ...rest,
  }
}

/** The same item, which gives only those attributes that it is asked for by name. */
export function withExcerpts<T extends LogRecord | Span>(item: T): T {
  const attributes = Object.entries(item.attributes)
  return { ...item, excerpt: (names) => Object.fromEntries(attributes.filter(([name]) => names.has(name))) }
}

/** What the dialects together tell of an item: the one that knows it must be asked first. */
export function activitiesOf(
  item: Telemetry,
): readonly Activity[] | Exclude<Reading, { kind: 'observed' }> | undefined {
  const reading = readTelemetry(item)
  return reading?.kind === 'observed' ? reading.observation.activities : reading
}

export function observationOf(item: Telemetry) {
  const reading = readTelemetry(item)
  if (reading?.kind !== 'observed') throw new Error(`not observed: ${JSON.stringify(reading)}`)
  return reading.observation
}

/** What a point measures. */
export function measuredBy(point: MetricPoint): readonly (readonly [measure: string, value: number])[] | string {
  const activities = activitiesOf(point)
  if (activities === undefined || 'kind' in activities) return JSON.stringify(activities)
  return activities.flatMap((activity) =>
    activity.kind === 'usage' ? [[activity.measure, activity.value] as const] : [],
  )
}
