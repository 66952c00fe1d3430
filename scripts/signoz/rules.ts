import { KPI_TABLE } from '../../src/kpi/table.ts'
import { countQuery, meanOverSessions, metricQuery } from './queries.ts'
import type { CompositePart } from './query-schema.ts'
import type { Rule, Threshold } from './rule-schema.ts'

const PREFIX = 'agent.performance'
const AGENT = 'agent.type'
const ALL = ''

const DAILY_BUDGET_USD = 50
const DAY_IN_MINUTES = 1440

interface RuleText {
  readonly alert: string
  readonly description: string
  /** Of the notification. */
  readonly summary: string
}

interface RuleWindow {
  readonly evalWindow: string
  readonly frequency: string
}

/** Alert rules by the names of their files. Sessions are sparse: windows are long, and one bad step is enough. */
export function alertRules(): Readonly<Record<string, Rule>> {
  return {
    'rule-alerts': rule(
      {
        alert: 'agentperf: critical alert',
        description: 'agentperf found a session, or the last few, clearly worse than usual for their agent type.',
        summary: '{{$agent.type}}: {{$kpi}} is critical',
      },
      [countQuery('A', `${PREFIX}.alerts`, { filter: "severity = 'CRITICAL'", by: [AGENT, 'kpi'] })],
      [threshold('critical', 0, 'in_total')],
      { evalWindow: '1h', frequency: '5m' },
    ),
    'rule-deviation': rule(
      {
        alert: 'agentperf: far from usual',
        description:
          'A KPI of a session is more than 3 (critical: 4) standard deviations worse than usual. With less, one of the many KPIs would be beyond it in most healthy sessions.',
        summary: '{{$agent.type}}: {{$kpi}} is {{$value}}σ worse than usual',
      },
      [metricQuery('A', `${PREFIX}.deviation`, { time: 'max', space: 'max', filter: ALL, by: [AGENT, 'kpi'] })],
      [threshold('warning', 3, 'at_least_once'), threshold('critical', 4, 'at_least_once')],
      { evalWindow: '1h', frequency: '5m' },
    ),
    'rule-error-rate': rule(
      {
        alert: 'agentperf: many errors',
        description:
          'The error rate of a session is beyond its threshold; of sessions of an agent type that end at about the same time, their mean.',
        summary: '{{$agent.type}}: error rate is {{$value}}',
      },
      meanOverSessions(['A', 'B', 'F1'], `${PREFIX}.error_rate`, { by: [AGENT], legend: `{{${AGENT}}}` }).map(
        withoutVariables,
      ),
      [
        threshold('warning', KPI_TABLE.error_rate.thresholds.standard.warning ?? 0, 'at_least_once'),
        threshold('critical', KPI_TABLE.error_rate.thresholds.standard.critical ?? 0, 'at_least_once'),
      ],
      { evalWindow: '1h', frequency: '5m' },
    ),
    'rule-cost': rule(
      {
        alert: 'agentperf: expensive day',
        description: `The sessions of 24 hours cost more than ${DAILY_BUDGET_USD} USD: set the threshold to your budget.`,
        summary: 'The last 24 hours cost {{$value}} USD',
      },
      [countQuery('A', `${PREFIX}.cost`, { filter: ALL })],
      [threshold('warning', DAILY_BUDGET_USD, 'in_total')],
      { evalWindow: '24h', frequency: '1h' },
    ),
    'rule-no-sessions': rule(
      {
        alert: 'agentperf: no sessions',
        description: 'No session was assessed for 24 hours: nobody works, or agentperf gets no telemetry.',
        summary: 'No session for 24 hours',
      },
      [countQuery('A', `${PREFIX}.sessions`, { filter: ALL })],
      [threshold('warning', 1, 'in_total', 'below')],
      { evalWindow: '24h', frequency: '1h' },
      // Nothing at all is not below 1 by itself.
      { alertOnAbsent: true, absentFor: DAY_IN_MINUTES },
    ),
  }
}

function rule(
  { alert, description, summary }: RuleText,
  queries: readonly CompositePart[],
  thresholds: readonly Threshold[],
  window: RuleWindow,
  absent: { readonly alertOnAbsent?: true; readonly absentFor?: number } = {},
): Rule {
  const selected = queries.find(({ spec }) => spec.disabled !== true)
  const groups = queries.flatMap(({ type, spec }) =>
    type === 'builder_query' ? (spec.groupBy ?? []).map(({ name }) => name) : [],
  )
  return {
    alert,
    alertType: 'METRIC_BASED_ALERT',
    ruleType: 'threshold_rule',
    description,
    condition: {
      compositeQuery: { queryType: 'builder', panelType: 'graph', queries: [...queries] },
      selectedQueryName: selected?.spec.name ?? '',
      thresholds: { kind: 'basic', spec: [...thresholds] },
      ...absent,
    },
    evaluation: { kind: 'rolling', spec: window },
    labels: { severity: thresholds.at(-1)?.name ?? 'warning', tool: 'agentperf' },
    annotations: { summary, description },
    notificationSettings: {
      groupBy: [...new Set(groups)],
      usePolicy: false,
      renotify: { enabled: false, interval: '4h', alertStates: [] },
    },
    version: 'v5',
    schemaVersion: 'v2alpha1',
  }
}

/** Channels are the installation's own: `agentperf signoz provision --channel` fills them in. */
function threshold(
  name: 'warning' | 'critical',
  target: number,
  matchType: Threshold['matchType'],
  op: Threshold['op'] = 'above',
): Threshold {
  return { name, target, op, matchType, channels: [] }
}

/** Rules know no variables of dashboards. */
function withoutVariables(part: CompositePart): CompositePart {
  if (part.type !== 'builder_query') return part
  return { ...part, spec: { ...part.spec, filter: { expression: ALL } } }
}
