import type { LoadedConfig } from '../config/config.ts'
import type { Target } from '../delivery/http-sender.ts'

/** The delivery of agentperf's own metrics; no component can be called so. */
export const OWN_METRICS = 'service.telemetry.metrics'

const TIMEOUT_MS = 10_000

/** Where agentperf's own metrics go. @returns `undefined`: nowhere */
export function metricsTarget({ service }: LoadedConfig): Target | undefined {
  const { endpoint, headers } = service.telemetry.metrics
  return endpoint ? { endpoint, headers, timeoutMs: TIMEOUT_MS } : undefined
}
