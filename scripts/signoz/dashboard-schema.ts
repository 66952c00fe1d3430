/** Dashboards as SigNoz takes them since v0.126 (`schemaVersion` v6): own types, checked against real ones. */
import * as z from 'zod'
import {
  builderQuerySchema,
  compositePartsSchema,
  fieldSchema,
  formulaSchema,
  textQuerySchema,
  traceOperatorSchema,
} from './query-schema.ts'

const GRID_COLUMNS = 12
const MAX_ITEMS = 100
const PANEL_REFERENCE = /^#\/spec\/panels\/(.+)$/

const display = z.strictObject({ name: z.string().min(1).max(128), description: z.string().optional() })
const link = z.strictObject({
  name: z.string().optional(),
  url: z.string().min(1),
  tooltip: z.string().optional(),
  targetBlank: z.boolean().optional(),
  renderVariables: z.boolean().optional(),
})

const TIME = z.enum([
  'global_time',
  '5_min',
  '15_min',
  '30_min',
  '1_hr',
  '6_hr',
  '1_day',
  '3_days',
  '1_week',
  '1_month',
])
const PRECISION = z.enum(['0', '1', '2', '3', '4', 'full'])
const COLOUR = z.string().min(1)

const lineThreshold = z.strictObject({
  value: z.number(),
  color: COLOUR,
  unit: z.string().optional(),
  label: z.string(),
})
const comparison = {
  value: z.number(),
  color: COLOUR,
  unit: z.string().optional(),
  operator: z.enum(['above', 'below', 'above_or_equal', 'below_or_equal', 'equal', 'not_equal']),
  format: z.enum(['text', 'background']).optional(),
}

const visualization = z.strictObject({ timePreference: TIME.optional() }).optional()
const filledVisualization = z
  .strictObject({ timePreference: TIME.optional(), fillSpans: z.boolean().optional() })
  .optional()
const formatting = z.strictObject({ unit: z.string().optional(), decimalPrecision: PRECISION.optional() }).optional()
const axes = z
  .strictObject({
    softMin: z.number().nullish(),
    softMax: z.number().nullish(),
    isLogScale: z.boolean().optional(),
  })
  .optional()
const legend = z
  .strictObject({
    position: z.enum(['bottom', 'right']).optional(),
    mode: z.enum(['list', 'table']).optional(),
    customColors: z.record(z.string(), COLOUR).nullish(),
  })
  .optional()

const panelPluginSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('signoz/TimeSeriesPanel'),
    spec: z.strictObject({
      visualization: filledVisualization,
      formatting,
      axes,
      legend,
      chartAppearance: z
        .strictObject({
          lineInterpolation: z.enum(['linear', 'spline', 'step_after', 'step_before']).optional(),
          showPoints: z.boolean().optional(),
          lineStyle: z.enum(['solid', 'dashed']).optional(),
          fillMode: z.enum(['none', 'solid', 'gradient']).optional(),
          spanGaps: z
            .strictObject({ fillOnlyBelow: z.boolean().optional(), fillLessThan: z.string().optional() })
            .optional(),
        })
        .optional(),
      thresholds: z.array(lineThreshold).nullish(),
    }),
  }),
  z.strictObject({
    kind: z.literal('signoz/BarChartPanel'),
    spec: z.strictObject({
      visualization: z
        .strictObject({
          timePreference: TIME.optional(),
          fillSpans: z.boolean().optional(),
          stackedBarChart: z.boolean().optional(),
        })
        .optional(),
      formatting,
      axes,
      legend,
      thresholds: z.array(lineThreshold).nullish(),
    }),
  }),
  z.strictObject({
    kind: z.literal('signoz/NumberPanel'),
    spec: z.strictObject({ visualization, formatting, thresholds: z.array(z.strictObject(comparison)).nullish() }),
  }),
  z.strictObject({
    kind: z.literal('signoz/PieChartPanel'),
    spec: z.strictObject({ visualization, formatting, legend }),
  }),
  z.strictObject({
    kind: z.literal('signoz/TablePanel'),
    spec: z.strictObject({
      visualization,
      formatting: z
        .strictObject({
          columnUnits: z.record(z.string(), z.string()).nullish(),
          decimalPrecision: PRECISION.optional(),
        })
        .optional(),
      thresholds: z.array(z.strictObject({ ...comparison, columnName: z.string().min(1) })).nullish(),
    }),
  }),
  z.strictObject({
    kind: z.literal('signoz/HistogramPanel'),
    spec: z.strictObject({
      legend,
      histogramBuckets: z
        .strictObject({
          bucketCount: z.number().nullish(),
          bucketWidth: z.number().nullish(),
          mergeAllActiveQueries: z.boolean().optional(),
        })
        .optional(),
    }),
  }),
  z.strictObject({
    kind: z.literal('signoz/ListPanel'),
    spec: z.strictObject({ selectFields: z.array(fieldSchema).nullish() }),
  }),
])

const queryPluginSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('signoz/BuilderQuery'), spec: builderQuerySchema }),
  z.strictObject({
    kind: z.literal('signoz/CompositeQuery'),
    spec: z.strictObject({ queries: compositePartsSchema }),
  }),
  z.strictObject({ kind: z.literal('signoz/Formula'), spec: formulaSchema }),
  z.strictObject({ kind: z.literal('signoz/PromQLQuery'), spec: textQuerySchema }),
  z.strictObject({ kind: z.literal('signoz/ClickHouseSQL'), spec: textQuerySchema }),
  z.strictObject({ kind: z.literal('signoz/TraceOperator'), spec: traceOperatorSchema }),
])

/** What a panel may ask for, by its kind. */
const REQUEST_KINDS: Readonly<Record<z.infer<typeof panelPluginSchema>['kind'], readonly string[]>> = {
  'signoz/TimeSeriesPanel': ['time_series'],
  'signoz/BarChartPanel': ['time_series'],
  'signoz/HistogramPanel': ['time_series'],
  'signoz/NumberPanel': ['scalar', 'time_series'],
  'signoz/PieChartPanel': ['scalar', 'time_series'],
  'signoz/TablePanel': ['scalar', 'time_series'],
  'signoz/ListPanel': ['raw'],
}

export const panelSchema = z
  .strictObject({
    kind: z.literal('Panel'),
    spec: z.strictObject({
      display,
      plugin: panelPluginSchema,
      queries: z
        .array(
          z.strictObject({
            kind: z.enum(['time_series', 'scalar', 'raw']),
            spec: z.strictObject({ name: z.string().optional(), plugin: queryPluginSchema }),
          }),
        )
        .length(1, 'expected one query in a panel'),
      links: z.array(link).nullish(),
    }),
  })
  .superRefine(checkPanel)

const listVariable = {
  name: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  display: z.strictObject({ name: z.string(), description: z.string().optional(), hidden: z.boolean().optional() }),
}

const variableSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ListVariable'),
    spec: z
      .strictObject({
        ...listVariable,
        allowAllValue: z.boolean().optional(),
        allowMultiple: z.boolean().optional(),
        customAllValue: z.string().optional(),
        capturingRegexp: z.string().optional(),
        sort: z.enum(['none', 'alphabetical-asc', 'alphabetical-desc', 'numerical-asc', 'numerical-desc']).optional(),
        defaultValue: z.union([z.string(), z.array(z.string())]).optional(),
        plugin: z.discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('signoz/DynamicVariable'),
            spec: z.strictObject({
              name: z.string().min(1),
              signal: z.enum(['metrics', 'logs', 'traces', 'all']),
            }),
          }),
          z.strictObject({
            kind: z.literal('signoz/QueryVariable'),
            spec: z.strictObject({ queryValue: z.string().min(1) }),
          }),
          z.strictObject({
            kind: z.literal('signoz/CustomVariable'),
            spec: z.strictObject({ customValue: z.string().min(1) }),
          }),
        ]),
      })
      .refine(({ allowAllValue, allowMultiple }) => allowAllValue !== true || allowMultiple === true, {
        error: 'expected allowMultiple where allowAllValue is',
      }),
  }),
  z.strictObject({
    kind: z.literal('TextVariable'),
    spec: z.strictObject({ ...listVariable, value: z.string(), constant: z.boolean().optional() }),
  }),
])

const item = z.strictObject({
  x: z.int().nonnegative(),
  y: z.int().nonnegative(),
  width: z.int().positive().max(GRID_COLUMNS),
  height: z.int().positive(),
  content: z.strictObject({ $ref: z.string().regex(PANEL_REFERENCE) }),
})

const layoutSchema = z.strictObject({
  kind: z.literal('Grid'),
  spec: z.strictObject({
    display: z
      .strictObject({ title: z.string(), collapse: z.strictObject({ open: z.boolean() }).optional() })
      .optional(),
    items: z.array(item).max(MAX_ITEMS),
    repeatVariable: z.string().optional(),
  }),
})

const specSchema = z.strictObject({
  display,
  variables: z.array(variableSchema),
  panels: z.record(z.string().min(1), panelSchema),
  layouts: z.array(layoutSchema),
  links: z.array(link).nullish(),
  duration: z.string().optional(),
  refreshInterval: z.string().optional(),
})

/** What is inside a dashboard, as it is exported bare. */
export const dashboardSpecSchema = specSchema.superRefine(checkLayouts).superRefine(checkVariables)

const envelope = {
  schemaVersion: z.literal('v6'),
  image: z.string().optional(),
  tags: z.array(z.strictObject({ key: z.string().min(1), value: z.string().min(1) })).max(10),
  spec: dashboardSpecSchema,
}

/** What `POST /api/v2/dashboards` takes. */
export const dashboardSchema = z.union([
  z.strictObject({
    ...envelope,
    name: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected a DNS label'),
  }),
  z.strictObject({ ...envelope, generateName: z.literal(true), name: z.string().optional() }),
])

export type Dashboard = z.infer<typeof dashboardSchema>
export type DashboardSpec = z.infer<typeof dashboardSpecSchema>
export type Panel = z.infer<typeof panelSchema>
export type PanelPlugin = z.infer<typeof panelPluginSchema>
export type Layout = z.infer<typeof layoutSchema>

function checkPanel({ spec: { plugin, queries } }: z.infer<typeof panelSchema>, context: z.RefinementCtx): void {
  const problem = (message: string): void => context.addIssue({ code: 'custom', message, path: ['spec', 'queries', 0] })
  for (const { kind, spec } of queries) {
    const wanted = REQUEST_KINDS[plugin.kind]
    if (!wanted.includes(kind))
      problem(`expected a query of kind ${wanted.join(' or ')} in a ${plugin.kind}, found ${kind}`)
    const query = spec.plugin
    if (plugin.kind === 'signoz/ListPanel' && query.kind !== 'signoz/BuilderQuery')
      problem(`expected a signoz/BuilderQuery in a list, found ${query.kind}`)
    if (query.kind === 'signoz/Formula') problem('expected a formula together with its queries: alone it is not shown')
    const isTable = plugin.kind === 'signoz/TablePanel' || plugin.kind === 'signoz/PieChartPanel'
    if (isTable && query.kind === 'signoz/PromQLQuery') problem(`expected no PromQL in a ${plugin.kind}`)
    if (kind !== 'scalar') continue
    for (const part of metricQueriesOf(query)) {
      if (part.aggregations.some(({ reduceTo }) => reduceTo === undefined))
        problem(`expected reduceTo in a query of kind scalar, found none in ${part.name}`)
    }
  }
}

function metricQueriesOf(plugin: z.infer<typeof queryPluginSchema>) {
  const builders =
    plugin.kind === 'signoz/BuilderQuery'
      ? [plugin.spec]
      : plugin.kind === 'signoz/CompositeQuery'
        ? plugin.spec.queries.flatMap(({ type, spec }) => (type === 'builder_query' ? [spec] : []))
        : []
  return builders.flatMap((query) => (query.signal === 'metrics' ? [query] : []))
}

function checkLayouts({ panels, layouts }: z.infer<typeof specSchema>, context: z.RefinementCtx): void {
  const placed = new Set<string>()
  for (const [i, { spec }] of layouts.entries()) {
    const problem = (message: string): void => context.addIssue({ code: 'custom', message, path: ['layouts', i] })
    const cells = new Set<string>()
    for (const { x, y, width, height, content } of spec.items) {
      const [, id = ''] = PANEL_REFERENCE.exec(content.$ref) ?? []
      if (!Object.hasOwn(panels, id)) problem(`expected a panel of the dashboard, found ${id}`)
      if (placed.has(id)) problem(`expected each panel once, found ${id} again`)
      placed.add(id)
      if (x + width > GRID_COLUMNS) problem(`expected at most ${GRID_COLUMNS} columns, found ${id} up to ${x + width}`)
      let overlaps = false
      for (let column = x; column < x + width; column += 1) {
        for (let row = y; row < y + height; row += 1) {
          overlaps ||= cells.has(`${column} ${row}`)
          cells.add(`${column} ${row}`)
        }
      }
      if (overlaps) problem(`expected panels beside each other, found ${id} over another`)
    }
  }
}

/** Filters may name variables that nobody declared: SigNoz shows such panels empty. */
function checkVariables({ panels, variables }: z.infer<typeof specSchema>, context: z.RefinementCtx): void {
  const names = variables.map(({ spec }) => spec.name)
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) !== i)
      context.addIssue({ code: 'custom', message: `expected ${name} once`, path: ['variables', i] })
  }
  const used = JSON.stringify(panels).matchAll(/"expression":"([^"]*)"/g)
  for (const [, expression = ''] of used) {
    for (const [, name = ''] of expression.matchAll(/\$([A-Za-z_][A-Za-z0-9_]*)/g)) {
      if (names.includes(name)) continue
      context.addIssue({
        code: 'custom',
        message: `expected a variable of the dashboard, found $${name}`,
        path: ['panels'],
      })
    }
  }
}
