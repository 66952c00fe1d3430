import type { Alert, KpiHistory, LedgerLine } from '../model/assessment.ts'
import { ledgerLine as plainLedgerLine } from '../model/ledger-line.fixture.ts'

/** A small ledger line for tests: one KPI, no baseline, nothing noted. */
export function ledgerLine(changes: Partial<LedgerLine> = {}): LedgerLine {
  return plainLedgerLine({
    session_id: '0f5f4a5e-0b7e-4b38-9b4e-5a3a4a1c7d10',
    date: '2026-02-10T09:00:00.000Z',
    started_at: '2026-02-10T09:00:00.000Z',
    ended_at: '2026-02-10T09:30:00.000Z',
    model: 'claude-opus-4-6',
    kpis: { error_rate: 0.05 },
    evidence: { error_rate: { n: 40, sources: ['hook_spans'], estimated: false } },
    completeness: 1,
    totals: { tool_calls: 40, tool_failures: 2 },
    tools: { Read: { calls: 40, failures: 2 } },
    trigger: 'end_signal',
    ...changes,
  })
}

/** An alert for tests: a session with many errors. */
export function alert(changes: Partial<Alert> = {}): Alert {
  return {
    severity: 'WARNING',
    metric: 'error_rate',
    reason: 'unusual',
    action: 'WARN',
    message: 'Error Rate 17.0 %, usually 2.0 %: as bad by chance in 0.020 % of sessions (20 known)',
    recommendation: 'Review the logs of the tool calls that failed.',
    value: 0.17,
    baseline: 0.02,
    ...changes,
  }
}

/** The mission's reference session, compared with the baseline that the mission gives its agent type. */
export function edgarNadyneLine(): LedgerLine {
  return ledgerLine({
    session_id: 'd1d142a6-51f3-49d3-b283-c00093880453',
    date: '2026-02-12T18:28:00.000Z',
    started_at: '2026-02-12T18:28:00.000Z',
    ended_at: '2026-02-13T03:04:59.000Z',
    agent_type: 'translation-agent',
    agent_version: '2.1.38',
    duration_seconds: 31_019,
    kpis: {
      token_efficiency: 0.001016,
      task_completion_rate: 0.8,
      active_time_ratio: 0.0928,
      tool_overhead_ratio: 26 / 15,
      cache_efficiency: 0.9827,
      error_rate: 0,
      quality_relevance: 0.95,
      quality_hallucination: 0.0333,
    },
    evidence: {
      token_efficiency: { n: 1, sources: ['hook_spans'], estimated: false },
      task_completion_rate: { n: 26, sources: ['hook_spans'], estimated: true },
      quality_relevance: { n: 3, sources: ['evaluations'], estimated: false },
    },
    absent: { quality_faithfulness: 'no evaluation of this name' },
    completeness: 8 / 9,
    baselines: {
      token_efficiency: 0.048,
      task_completion_rate: 0.96,
      active_time_ratio: 0.68,
      tool_overhead_ratio: 0.42,
      cache_efficiency: 0.94,
      error_rate: 0,
    },
    std_devs: {
      token_efficiency: 0.012,
      task_completion_rate: 0.03,
      active_time_ratio: 0.08,
      tool_overhead_ratio: 0.11,
      cache_efficiency: 0.04,
      error_rate: 0.01,
    },
    deviations: {
      token_efficiency: 3.915,
      task_completion_rate: 5.333,
      active_time_ratio: 7.34,
      tool_overhead_ratio: 11.94,
      cache_efficiency: -1.0675,
      error_rate: 0,
    },
    alert_level: 'CRITICAL',
    alerts: [
      farOutside('tool_overhead_ratio', 'Tool Overhead 1.73, usually 0.42', 'Restructure the workflow.'),
      farOutside('active_time_ratio', 'Active Time Ratio 0.09, usually 0.68', 'Consider an idle timeout.'),
      farOutside('task_completion_rate', 'Task Completion 0.80, usually 0.96', 'Review the life of the tasks.'),
      farOutside('token_efficiency', 'Token Efficiency 0.0010, usually 0.0480', 'Consider background agents.'),
      alert({ severity: 'INFO', metric: 'error_rate', reason: 'below_1_sigma' }),
    ],
    suggestions: [
      {
        id: 'opt-1a2b3c4d',
        rule: 'background-agents',
        priority: 'CRITICAL',
        title: 'Use background agents for independent work units',
        evidence: 'Token Efficiency 0.0010, usually 0.0480 ± 0.0120 (3.9 σ worse); input tokens per output token: 983',
        implementation: 'Split the work into units that do not depend on each other.',
      },
      {
        id: 'opt-5e6f7a8b',
        rule: 'batch-task-operations',
        priority: 'HIGH',
        title: 'Batch task operations to reduce overhead',
        evidence: 'Tool Overhead 1.73, usually 0.42 ± 0.11 (11.9 σ worse)',
        implementation: 'Create all tasks together at the beginning.',
      },
    ],
    notes: [
      {
        code: 'critical_threshold',
        kpi: 'active_time_ratio',
        message: 'Active Time Ratio 0.09 is below the critical threshold 0.20',
      },
      {
        code: 'warning_threshold',
        kpi: 'tool_overhead_ratio',
        message: 'Tool Overhead 1.73 is above the warning threshold 1.00',
      },
      { code: 'below_target', kpi: 'task_completion_rate', message: 'Task Completion 0.80 is below the target 0.95' },
    ],
    totals: {
      fresh_input_tokens: 19,
      cache_read_tokens: 1_722_424,
      cache_creation_tokens: 30_305,
      output_tokens: 1752,
      tool_calls: 41,
      tool_failures: 0,
      tasks_created: 10,
      prompts: 6,
    },
    tools: {
      TaskUpdate: { calls: 16, failures: 0 },
      TaskCreate: { calls: 10, failures: 0 },
      Bash: { calls: 5, failures: 0 },
      Write: { calls: 3, failures: 0 },
      mcp__webresearch__visit_page: { calls: 2, failures: 0 },
    },
    invocations: [
      {
        invocation_id: 'webscraping-research-analyst#1',
        parent_id: null,
        agent_type: 'webscraping-research-analyst',
        status: 'success',
        duration_seconds: 29,
        kpis: {},
        totals: {},
      },
    ],
    sources: ['evaluations', 'hook_spans'],
    trigger: 'idle',
  })
}

function farOutside(metric: string, found: string, recommendation: string): Alert {
  const message = `${found}: far worse than any usual session`
  const reason = 'far_outside'
  return alert({ severity: 'CRITICAL', metric, reason, action: 'REVIEW', message, recommendation })
}

/** A history for {@link edgarNadyneLine}, of a few KPIs. */
export const EDGAR_NADYNE_HISTORY: Readonly<Record<string, KpiHistory>> = {
  token_efficiency: {
    rank: 0.008,
    count: 61,
    recent: [0.041, 0.044, 0.052, 0.048, 0.061, 0.055, 0.047, 0.046, 0.05, 0.001016],
  },
  tool_overhead_ratio: { rank: 0.01, count: 61, recent: [0.42, 0.31, 26 / 15] },
  cache_efficiency: { rank: 0.918, count: 61, recent: [0.94, 0.9827] },
  error_rate: { rank: 0.5, count: 1, recent: [0] },
}
