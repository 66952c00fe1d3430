import { dashboardSchema } from './dashboard-schema.ts'
import { kpiDashboard } from './kpi-dashboard.ts'
import { ownDashboard } from './own-dashboard.ts'
import { ruleSchema } from './rule-schema.ts'
import { alertRules } from './rules.ts'

/** All files of docker/signoz, by name; what SigNoz would refuse is not written. */
export function signozFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['dashboard-kpis.json', textOf(dashboardSchema.parse(kpiDashboard()))],
    ['dashboard-itself.json', textOf(dashboardSchema.parse(ownDashboard()))],
    ...Object.entries(alertRules()).map(([name, rule]) => [`${name}.json`, textOf(ruleSchema.parse(rule))] as const),
  ])
}

function textOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
