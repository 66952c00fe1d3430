import type { Dashboard, DashboardSpec } from './dashboard-schema.ts'
import { gridOf, type Section } from './panels.ts'

export interface DashboardContent {
  /** Never changes: by it the dashboard is found again. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly variables?: DashboardSpec['variables']
  readonly sections: readonly Section[]
}

/** A dashboard as SigNoz takes it in, with the tags by which agentperf knows its own. */
export function dashboard({ name, title, description, variables = [], sections }: DashboardContent): Dashboard {
  return {
    schemaVersion: 'v6',
    name,
    image: '',
    tags: [
      { key: 'tool', value: 'agentperf' },
      { key: 'signal', value: 'metrics' },
    ],
    spec: {
      display: { name: title, description },
      variables,
      panels: Object.fromEntries(sections.flatMap(({ panels }) => Object.entries(panels))),
      layouts: sections.map(gridOf),
      links: [],
    },
  }
}
