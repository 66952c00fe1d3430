import { expect, test } from 'vitest'
import { KPI_NAMES } from '#src/kpi/table.ts'
import { type Dashboard, dashboardSchema } from './dashboard-schema.ts'
import { signozFiles } from './files.ts'
import { kpiDashboard } from './kpi-dashboard.ts'
import { ownDashboard } from './own-dashboard.ts'
import { ruleSchema } from './rule-schema.ts'
import { alertRules } from './rules.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is broken on purpose has no type
type Broken = any

/** Nothing that may be undefined stands between a variant and what it breaks. */
const BROKEN_DASHBOARDS: Readonly<Record<string, (dashboard: Broken) => void>> = {
  'an unknown field': (it) => {
    it.spec.panels.sessions.spec.colour = 'red'
  },
  'a name that is no DNS label': (it) => {
    it.name = 'agentperf KPIs'
  },
  'no tags': (it) => {
    delete it.tags
  },
  'another schema version': (it) => {
    it.schemaVersion = 'v5'
  },
  'two queries in a panel': (it) => {
    it.spec.panels.sessions.spec.queries.push(it.spec.panels.cost.spec.queries[0])
  },
  'a scalar query without reduceTo': (it) => {
    delete it.spec.panels.sessions.spec.queries[0].spec.plugin.spec.queries[0].spec.aggregations[0].reduceTo
  },
  'a percentile of a gauge': (it) => {
    it.spec.panels.deviation.spec.queries[0].spec.plugin.spec.queries[0].spec.aggregations[0].spaceAggregation = 'p95'
  },
  'a formula of a query that is not there': (it) => {
    it.spec.panels['kpi-error-rate'].spec.queries[0].spec.plugin.spec.queries[2].spec.expression = 'A / Z'
  },
  'two queries of one name': (it) => {
    it.spec.panels['kpi-error-rate'].spec.queries[0].spec.plugin.spec.queries[1].spec.name = 'A'
  },
  'a bare formula': (it) => {
    it.spec.panels.sessions.spec.queries[0].spec.plugin = {
      kind: 'signoz/Formula',
      spec: { name: 'F1', expression: 'A / B' },
    }
  },
  'a query of a line in a number': (it) => {
    it.spec.panels['session-list'].spec.queries[0].kind = 'scalar'
  },
  'a reference to no panel': (it) => {
    it.spec.layouts[0].spec.items[0].content.$ref = '#/spec/panels/nothing'
  },
  'a panel twice': (it) => {
    it.spec.layouts[1].spec.items[0].content.$ref = '#/spec/panels/sessions'
  },
  'panels over each other': (it) => {
    it.spec.layouts[0].spec.items[1].x = 1
  },
  'a panel beyond the twelfth column': (it) => {
    it.spec.layouts[0].spec.items[3].x = 10
  },
  'a variable that nobody declared': (it) => {
    it.spec.variables.pop()
  },
  'all values of a variable with one value': (it) => {
    it.spec.variables[0].spec.allowMultiple = false
  },
}

const BROKEN_RULES: Readonly<Record<string, (rule: Broken) => void>> = {
  'no thresholds': (it) => {
    delete it.condition.thresholds
  },
  'a selected query that is not there': (it) => {
    it.condition.selectedQueryName = 'B'
  },
  'an unknown way to match': (it) => {
    it.condition.thresholds.spec[0].matchType = 'sometimes'
  },
  'a window without unit': (it) => {
    it.evaluation.spec.evalWindow = '24'
  },
  'an unknown field': (it) => {
    it.enabled = true
  },
}

test.for(Object.entries(BROKEN_DASHBOARDS))('a dashboard is refused: %s', ([, breakIt]) => {
  const dashboard = structuredClone(kpiDashboard())
  expect(dashboardSchema.safeParse(dashboard).error).toBeUndefined()
  breakIt(dashboard)
  expect(dashboardSchema.safeParse(dashboard).success).toBe(false)
})

test.for(Object.entries(BROKEN_RULES))('a rule is refused: %s', ([, breakIt]) => {
  const rule = structuredClone(alertRules()['rule-cost'])
  expect(ruleSchema.safeParse(rule).error).toBeUndefined()
  breakIt(rule)
  expect(ruleSchema.safeParse(rule).success).toBe(false)
})

test.for([kpiDashboard(), ownDashboard()])('every panel of $name has its place', (dashboard) => {
  expect(placedIn(dashboard)).toEqual(Object.keys(dashboard.spec.panels).toSorted())
})

test('every KPI of the table has its panel and its column', () => {
  const { spec } = kpiDashboard()
  const text = JSON.stringify(spec.panels)
  for (const name of KPI_NAMES) {
    expect(spec.panels).toHaveProperty([`kpi-${name.replaceAll('_', '-')}`])
    // Sum and count, of the panel and of the column.
    expect(text.split(`"agent.performance.${name}"`)).toHaveLength(5)
  }
})

test('nothing asks for series of single sessions, or fills gaps with zeros', () => {
  for (const [name, text] of signozFiles()) {
    if (name.startsWith('dashboard')) expect(text).not.toContain('"fillSpans": true')
    for (const [, metric] of text.matchAll(/"metricName": "([^"]+)"/g)) expect(metric).toMatch(/^agent(perf)?\./)
  }
})

test('numbers, tables and pies ask for scalars', () => {
  for (const { spec } of [kpiDashboard(), ownDashboard()].flatMap(({ spec: { panels } }) => Object.values(panels))) {
    const wanted = /Number|Table|Pie/.test(spec.plugin.kind)
      ? 'scalar'
      : /List/.test(spec.plugin.kind)
        ? 'raw'
        : 'time_series'
    expect(spec.queries.map(({ kind }) => kind)).toEqual([wanted])
  }
})

function placedIn({ spec }: Dashboard): string[] {
  return spec.layouts
    .flatMap(({ spec: { items } }) => items.map(({ content }) => content.$ref.split('/').at(-1) ?? ''))
    .toSorted()
}
