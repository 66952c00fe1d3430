import type { Signal, Signals } from '#src/component.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import type { Session } from '#src/model/session.ts'
import type { Span } from '#src/model/telemetry.ts'

const START_MS = Date.UTC(2026, 1, 12, 18, 28)

const span: Span = {
  kind: 'span',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'hook:builtin-post-tool',
  startMs: START_MS,
  endMs: START_MS + 4,
  status: 'ok',
  attributes: { 'session.id': 's1', 'builtin.tool': 'Read', 'builtin.success': true },
  resource: { attributes: { 'service.name': 'claude-code-hooks' } },
  scope: { name: '' },
}

const session: Session = {
  id: 's1',
  revision: 1,
  trigger: 'idle',
  agentType: 'reviewer',
  agentVersion: undefined,
  startedAtMs: START_MS,
  endedAtMs: START_MS + 600_000,
  sources: ['hook_spans'],
  activeIntervals: [[START_MS, START_MS + 300_000]],
  processStartsMs: [START_MS],
  processEndsMs: [],
  modelUse: undefined,
  tokenCounters: [],
  meteredUse: { tokens: undefined, costUsd: undefined, activeSeconds: undefined },
  rejections: undefined,
  tools: { Read: { calls: 4, failures: 1, unknown: 0 } },
  tasks: { creates: 0, updates: 0, statuses: {}, completedWithoutId: 0 },
  evaluations: {},
  prompts: 1,
  compactions: 0,
  spans: { count: 5, notOk: 0, longMs: 0 },
  invocations: [],
}

const line = ledgerLine({
  session_id: 's1',
  date: '2026-02-12T18:28:00.000Z',
  started_at: '2026-02-12T18:28:00.000Z',
  ended_at: '2026-02-12T18:38:00.000Z',
  agent_type: 'reviewer',
  model: null,
  duration_seconds: 600,
  kpis: { error_rate: 0.25 },
  evidence: { error_rate: { n: 4, sources: ['hook_spans'], estimated: false } },
  absent: { token_efficiency: 'no token counts were recorded' },
  completeness: 0.5,
  totals: { tool_calls: 4, tool_failures: 1 },
  tools: { Read: { calls: 4, failures: 1 } },
})

/** One item of each signal, as components meet it. */
export const SAMPLES: { readonly [S in Signal]: Signals[S] } = {
  telemetry: span,
  session,
  assessment: { line, live: false, history: { error_rate: { rank: 0.5, count: 1, recent: [0.25] } } },
}
