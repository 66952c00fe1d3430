import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AgentperfProcess } from '../crash/agentperf-process.ts'

/** What says where it takes things in, in the words of its log. */
type Listening = Pick<AgentperfProcess, 'urlOf'>

/** How the client sends OTLP, and with which words agentperf says where it takes it in. */
export const PROTOCOLS = [
  { protocol: 'http/json', said: 'takes in OTLP' },
  { protocol: 'http/protobuf', said: 'takes in OTLP' },
  { protocol: 'grpc', said: 'takes in OTLP over gRPC' },
] as const

/** What agentperf gets to know of a session. */
export interface Sources {
  readonly otlp?: (typeof PROTOCOLS)[number]
  readonly hooks?: boolean
  readonly transcripts?: boolean
}

/** Those that the receiver's README calls worth sending. */
const HOOK_EVENTS = [
  'SessionStart',
  'SessionEnd',
  'UserPromptSubmit',
  'PostToolUse',
  'PostToolUseFailure',
  'PermissionDenied',
  'SubagentStart',
  'SubagentStop',
  'TaskCreated',
  'TaskCompleted',
  'PostCompact',
  'Stop',
  'StopFailure',
]

/** Switches on the client's telemetry, all three signals of it. */
export function telemetryOf({ otlp }: Sources, agentperf: Listening): Record<string, string> {
  if (otlp === undefined) return {}
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: otlp.protocol,
    OTEL_EXPORTER_OTLP_ENDPOINT: agentperf.urlOf(otlp.said),
    OTEL_LOGS_EXPORT_INTERVAL: '500',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_TRACES_EXPORT_INTERVAL: '500',
  }
}

/** The hooks of the client's settings, as the receiver's README has them. */
export function hooksOf({ hooks = false }: Sources, agentperf: Listening): Record<string, unknown> {
  if (!hooks) return {}
  const readme = readFileSync(resolve(import.meta.dirname, '../../receivers/claude_hooks/README.md'), 'utf8')
  const [, example = ''] = /```json\n(.*?)```/s.exec(readme) ?? []
  const url = agentperf.urlOf('takes in hook events')
  const documented: Record<string, unknown> = JSON.parse(example.replaceAll('http://127.0.0.1:4319/hooks', url)).hooks
  return Object.fromEntries(HOOK_EVENTS.map((event) => [event, documented[event] ?? documented.PostToolUse]))
}

/** Settings of agentperf that leave out transcripts where nobody is to read them. */
export function setsOf({ transcripts = false }: Sources): readonly string[] {
  return transcripts ? [] : ['receivers.transcripts.include=["/nowhere/*.jsonl"]']
}
