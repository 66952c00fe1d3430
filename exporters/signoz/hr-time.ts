import type { HrTime } from '@opentelemetry/api'

/** A ledger's time as OpenTelemetry's pair of seconds and nanoseconds. */
export function hrTime(iso: string): HrTime {
  const ms = Date.parse(iso)
  const seconds = Math.floor(ms / 1000)
  return [seconds, (ms - seconds * 1000) * 1e6]
}
