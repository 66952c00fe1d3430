import { KPI_NAMES, KPI_TABLE, type KpiDefinition, type KpiName } from '../../src/kpi/table.ts'
import { dashboard } from './dashboard.ts'
import type { Dashboard, DashboardSpec, Panel } from './dashboard-schema.ts'
import {
  barPanel,
  linePanel,
  listPanel,
  type NumberFormat,
  numberPanel,
  type Section,
  type ThresholdLine,
  tablePanel,
} from './panels.ts'
import { CHOSEN, countQuery, formula, logPart, meanOverSessions, metricQuery, sessionRecordQuery } from './queries.ts'
import type { CompositePart } from './query-schema.ts'

const PREFIX = 'agent.performance'
const AGENT = 'agent.type'
const MODEL = 'gen_ai.request.model'
const USD: NumberFormat = { unit: 'currencyUSD', decimals: 2 }

/** SigNoz names queries by letters, and a mean takes two. */
const KPIS_IN_A_TABLE = 9

/** How agents do: KPIs against baselines, alerts, suggestions, cost, and each session. */
export function kpiDashboard(): Dashboard {
  return dashboard({
    name: 'agentperf-kpis',
    title: 'Agent performance',
    description: 'KPIs of AI coding agents’ sessions against each agent type’s own history. Made by agentperf.',
    variables: [variable('agent_type', 'Agent type', AGENT), variable('model', 'Model', MODEL)],
    sections: [overview(), baselines(), scoreboard(), alerts(), consumption(), sessions()],
  })
}

function overview(): Section {
  const count = (metric: string, filter = CHOSEN) => [countQuery('A', `${PREFIX}.${metric}`, { filter })]
  const severity = (name: string): string => `${CHOSEN} AND severity = '${name}'`
  return {
    title: 'Overview',
    open: true,
    width: 3,
    height: 4,
    panels: {
      sessions: numberPanel(text('Sessions', 'Assessed sessions'), count('sessions')),
      cost: numberPanel(text('Cost', 'Of the sessions whose cost is known'), count('cost'), USD),
      'alerts-critical': numberPanel(
        text('Critical alerts', 'As agentperf decided'),
        count('alerts', severity('CRITICAL')),
      ),
      'alerts-warning': numberPanel(text('Warnings', 'As agentperf decided'), count('alerts', severity('WARNING'))),
      'suggestions-proposed': numberPanel(
        text('Suggestions', 'Proposals of optimisations after sessions'),
        count('suggestions', `${CHOSEN} AND state = 'proposed'`),
      ),
      completeness: numberPanel(
        text('Completeness', 'Mean share of the KPIs that could be measured'),
        [logPart(sessionRecordQuery('A', { columns: { completeness: 'avg(completeness)' } }))],
        { unit: 'percentunit', decimals: 1 },
      ),
      'sessions-by-agent': barPanel(text('Sessions by agent type', ''), [
        countQuery('A', `${PREFIX}.sessions`, { by: [AGENT], legend: `{{${AGENT}}}` }),
      ]),
      'cost-by-model': barPanel(
        text('Cost by model', ''),
        [countQuery('A', `${PREFIX}.cost`, { by: [MODEL], legend: `{{${MODEL}}}` })],
        USD,
      ),
    },
  }
}

function baselines(): Section {
  const panels = KPI_NAMES.map((name) => [`kpi-${name.replaceAll('_', '-')}`, kpiPanel(name)])
  return { title: 'KPIs and what is normal', open: true, width: 6, height: 6, panels: Object.fromEntries(panels) }
}

function kpiPanel(name: KpiName): Panel {
  const kpi: KpiDefinition = KPI_TABLE[name]
  const metric = `${PREFIX}.${name}`
  const baseline = { time: 'avg', space: 'avg', by: [AGENT] } as const
  const parts: readonly CompositePart[] = [
    ...meanOverSessions(['A', 'B', 'F1'], metric, { by: [AGENT], legend: `{{${AGENT}}}` }),
    metricQuery('C', `${metric}.baseline.mean`, { ...baseline, legend: `{{${AGENT}}} usual` }),
    metricQuery('D', `${metric}.baseline.std_dev`, { ...baseline, hidden: true }),
    formula('F2', 'C + D', `{{${AGENT}}} usual + 1σ`),
    formula('F3', 'C - D', `{{${AGENT}}} usual − 1σ`),
  ]
  const description = `Mean of the sessions that ended in a step, and what was usual before them; ${kpi.direction} is better.`
  return linePanel({ title: kpi.label, description }, parts, formatOf(kpi), thresholdLines(kpi))
}

function formatOf({ unit, display, decimals }: KpiDefinition): NumberFormat {
  if (display === 'percent') return { unit: 'percentunit', decimals }
  if (unit.startsWith('USD')) return { unit: 'currencyUSD', decimals }
  return { unit: unit === 'ms' || unit === 's' ? unit : '', decimals }
}

function thresholdLines({ thresholds: { standard } }: KpiDefinition): readonly ThresholdLine[] {
  const lines: readonly { label: keyof typeof standard; colour: ThresholdLine['colour'] }[] = [
    { label: 'target', colour: 'Green' },
    { label: 'warning', colour: 'Orange' },
    { label: 'critical', colour: 'Red' },
  ]
  return lines.flatMap(({ label, colour }) => {
    const value = standard[label]
    return value === undefined ? [] : [{ value, label, colour }]
  })
}

function scoreboard(): Section {
  const tables: Record<string, Panel> = {}
  for (let first = 0; first < KPI_NAMES.length; first += KPIS_IN_A_TABLE) {
    const names = KPI_NAMES.slice(first, first + KPIS_IN_A_TABLE)
    const number = first / KPIS_IN_A_TABLE + 1
    const description = 'Exact means over the sessions of the range; a dash where nothing was measured.'
    tables[`scoreboard-${number}`] = tablePanel(
      { title: `Means by agent type (${number})`, description },
      names.flatMap(meanColumn),
    )
  }
  return {
    title: 'Scoreboard',
    open: true,
    width: 12,
    height: 6,
    panels: {
      ...tables,
      deviation: linePanel(
        text('Deviation', 'In standard deviations from what is usual, the worst of each step; positive is worse.'),
        [
          metricQuery('A', `${PREFIX}.deviation`, {
            time: 'max',
            space: 'max',
            by: [AGENT, 'kpi'],
            legend: `{{${AGENT}}} {{kpi}}`,
          }),
        ],
        { unit: '', decimals: 2 },
        [
          { value: 2, label: '2σ', colour: 'Orange' },
          { value: 3, label: '3σ', colour: 'Red' },
        ],
      ),
    },
  }
}

function meanColumn(name: KpiName, i: number): readonly CompositePart[] {
  const letter = (n: number): string => String.fromCharCode('A'.charCodeAt(0) + n)
  return meanOverSessions([letter(2 * i), letter(2 * i + 1), `F${i + 1}`], `${PREFIX}.${name}`, {
    by: [AGENT],
    legend: KPI_TABLE[name].label,
  })
}

function alerts(): Section {
  const by = (...attributes: string[]) => ({
    by: attributes,
    legend: attributes.map((attribute) => `{{${attribute}}}`).join(' '),
  })
  return {
    title: 'Alerts and suggestions',
    open: true,
    width: 4,
    height: 5,
    panels: {
      'alerts-by-severity': barPanel(text('Alerts by severity', ''), [
        countQuery('A', `${PREFIX}.alerts`, by('severity')),
      ]),
      'alerts-by-kpi': tablePanel(
        text('Alerts by KPI', ''),
        [countQuery('A', `${PREFIX}.alerts`, by(AGENT, 'kpi', 'severity'))],
        0,
      ),
      'suggestions-by-agent': barPanel(text('Suggestions by agent type', 'Proposals after sessions'), [
        countQuery('A', `${PREFIX}.suggestions`, by(AGENT)),
      ]),
    },
  }
}

function consumption(): Section {
  const duration = { time: '', by: [AGENT] } as const
  const seconds: NumberFormat = { unit: 's', decimals: 0 }
  return {
    title: 'Tokens and time',
    open: true,
    width: 6,
    height: 5,
    panels: {
      tokens: barPanel(text('Tokens by type', 'Reasoning tokens are part of the output.'), [
        countQuery('A', `${PREFIX}.tokens`, {
          filter: `${CHOSEN} AND gen_ai.token.type != 'reasoning'`,
          by: ['gen_ai.token.type'],
          legend: '{{gen_ai.token.type}}',
        }),
      ]),
      duration: linePanel(
        text('Duration of sessions', 'From first to last activity; from a histogram, so estimated.'),
        (['p50', 'p95'] as const).map((space, i) =>
          metricQuery(i === 0 ? 'A' : 'B', `${PREFIX}.session.duration.bucket`, {
            ...duration,
            space,
            legend: `{{${AGENT}}} ${space}`,
          }),
        ),
        seconds,
      ),
    },
  }
}

function sessions(): Section {
  const columns = {
    token_efficiency: 'avg(kpi.token_efficiency)',
    error_rate: 'max(kpi.error_rate)',
    tool_overhead_ratio: 'max(kpi.tool_overhead_ratio)',
    cost_usd: 'max(totals.cost_usd)',
    duration_s: 'max(duration_s)',
  }
  return {
    title: 'Sessions',
    open: true,
    width: 12,
    height: 7,
    panels: {
      'token-efficiency-percentiles': linePanel(
        text('Token efficiency of sessions', 'Exact percentiles over the sessions that ended in a step.'),
        [
          logPart(
            sessionRecordQuery('A', {
              columns: { p50: 'p50(kpi.token_efficiency)', p95: 'p95(kpi.token_efficiency)' },
              by: [AGENT],
              legend: `{{${AGENT}}}`,
            }),
          ),
        ],
        { unit: '', decimals: 4 },
      ),
      'worst-sessions': tablePanel(
        text('Sessions with the most errors', ''),
        [
          logPart(
            sessionRecordQuery('A', {
              columns,
              by: ['session.id', AGENT, 'alert.level'],
              order: ['error_rate', 'desc'],
              limit: 20,
            }),
          ),
        ],
        4,
      ),
      'session-list': listPanel(
        text('Sessions', '«agentperf report <session id>» has all about one.'),
        sessionRecordQuery('A', { order: ['timestamp', 'desc'], limit: 50 }),
        ['session.id', AGENT, MODEL, 'alert.level'],
      ),
    },
  }
}

function variable(name: string, title: string, attribute: string): DashboardSpec['variables'][number] {
  return {
    kind: 'ListVariable',
    spec: {
      name,
      display: { name: title, description: '' },
      allowAllValue: true,
      allowMultiple: true,
      customAllValue: '',
      capturingRegexp: '',
      sort: 'alphabetical-asc',
      plugin: { kind: 'signoz/DynamicVariable', spec: { name: attribute, signal: 'metrics' } },
    },
  }
}

function text(title: string, description: string): { readonly title: string; readonly description: string } {
  return { title, description }
}
