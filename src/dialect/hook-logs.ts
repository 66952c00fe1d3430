import type { Telemetry } from '../model/telemetry.ts'
import { asText, type Dialect, type Reading } from './dialect.ts'
import { HOOK_SPAN_FACTS as FACTS } from './hook-span-names.ts'

/** The mission's hook logs (`logs-*.jsonl`): all that they tell is which session was at work when. */
export const hookLogs: Dialect = {
  sources: [{ name: 'hook_logs', kind: 'logs', tells: [] }],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'log') return undefined
    const hook = asText(FACTS.hookName(item.attributes))
    if (hook === undefined) return undefined
    const sessionId = asText(FACTS.sessionId(item.attributes)) ?? sessionOfTranscript(item.attributes)
    if (sessionId === undefined) return { kind: 'ignored', reason: 'hook_log_without_session' }
    return {
      kind: 'observed',
      observation: {
        source: 'hook_logs',
        key: `log:${hook}:${item.timeMs}:${item.traceId ?? ''}`,
        sessionId,
        startMs: item.timeMs,
        endMs: item.timeMs,
        agentType: undefined,
        agentVersion: undefined,
        span: undefined,
        activities: [{ kind: 'presence' }],
      },
    }
  },
}

function sessionOfTranscript(attributes: Telemetry['attributes']): string | undefined {
  const path = asText(FACTS.transcript(attributes))
  const match = path === undefined ? null : /([^/\\]+)\.jsonl$/.exec(path)
  return match?.[1]
}
