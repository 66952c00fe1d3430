/** Queries as SigNoz's API takes them in dashboards (v6) and rules (v2alpha1): own types, checked against real ones. */
import * as z from 'zod'

const CONTEXT = z.enum(['', 'attribute', 'tag', 'resource', 'scope', 'span', 'log', 'metric', 'body', 'event'])
const DATA_TYPE = z.enum(['', 'string', 'bool', 'int64', 'float64', 'number', '[]string', '[]int64', '[]float64'])

/** Names of queries and formulas are what expressions are made of. */
const NAME = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name such as A or F1')
const EXPRESSION = z.strictObject({ expression: z.string() })

export const fieldSchema = z.strictObject({
  name: z.string().min(1),
  fieldContext: CONTEXT.optional(),
  fieldDataType: DATA_TYPE.optional(),
  signal: z.enum(['', 'metrics', 'logs', 'traces']).optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
})

const metricAggregationSchema = z.strictObject({
  metricName: z.string().min(1),
  temporality: z.enum(['', 'delta', 'cumulative', 'unspecified']).optional(),
  timeAggregation: z
    .enum(['', 'latest', 'sum', 'avg', 'min', 'max', 'count', 'count_distinct', 'rate', 'increase'])
    .optional(),
  spaceAggregation: z.enum(['', 'sum', 'avg', 'min', 'max', 'count', 'p50', 'p75', 'p90', 'p95', 'p99']),
  reduceTo: z.enum(['sum', 'count', 'avg', 'min', 'max', 'last', 'median']).optional(),
})

const expressionAggregationSchema = z.strictObject({ expression: z.string().min(1), alias: z.string().optional() })

const functionSchema = z.strictObject({
  name: z.string().min(1),
  args: z
    .array(z.strictObject({ name: z.string().optional(), value: z.union([z.string(), z.number(), z.boolean()]) }))
    .nullish(),
})

const orderSchema = z.strictObject({ key: fieldSchema, direction: z.enum(['asc', 'desc']) })

const common = {
  name: NAME,
  disabled: z.boolean().optional(),
  legend: z.string().optional(),
  functions: z.array(functionSchema).nullish(),
  having: EXPRESSION.optional(),
  order: z.array(orderSchema).nullish(),
  limit: z.int().nonnegative().optional(),
}

const builder = {
  ...common,
  source: z.string().optional(),
  // In seconds; 0 and none are automatic.
  stepInterval: z.union([z.int().nonnegative(), z.string()]).nullish(),
  filter: EXPRESSION.optional(),
  groupBy: z.array(fieldSchema).nullish(),
  selectFields: z.array(fieldSchema).nullish(),
  secondaryAggregations: z.array(z.unknown()).nullish(),
  offset: z.int().nonnegative().optional(),
  cursor: z.string().optional(),
}

export const builderQuerySchema = z
  .discriminatedUnion('signal', [
    z.strictObject({
      ...builder,
      signal: z.literal('metrics'),
      aggregations: z.array(metricAggregationSchema).length(1, 'expected one aggregation of a metric'),
    }),
    z.strictObject({
      ...builder,
      signal: z.enum(['logs', 'traces']),
      aggregations: z.array(expressionAggregationSchema).optional(),
    }),
  ])
  .superRefine(checkMetricAggregation)

export const formulaSchema = z.strictObject({ ...common, expression: z.string().min(1) })

export const traceOperatorSchema = z.strictObject({
  ...builder,
  expression: z.string().min(1),
  returnSpansFrom: z.string().optional(),
  aggregations: z.array(expressionAggregationSchema).optional(),
})

export const textQuerySchema = z.strictObject({
  name: NAME,
  query: z.string().min(1),
  disabled: z.boolean().optional(),
  legend: z.string().optional(),
  step: z.union([z.int(), z.string()]).nullish(),
  stats: z.boolean().optional(),
})

/** One query of several. */
export const compositePartSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('builder_query'), spec: builderQuerySchema }),
  z.strictObject({ type: z.literal('builder_formula'), spec: formulaSchema }),
  z.strictObject({ type: z.literal('builder_trace_operator'), spec: traceOperatorSchema }),
  z.strictObject({ type: z.literal('promql'), spec: textQuerySchema }),
  z.strictObject({ type: z.literal('clickhouse_sql'), spec: textQuerySchema }),
])

/** Some queries and formulas: names once, and formulas of names that are there. */
export const compositePartsSchema = z.array(compositePartSchema).min(1).superRefine(checkNames)

export type BuilderQuery = z.infer<typeof builderQuerySchema>
export type MetricQuery = Extract<BuilderQuery, { readonly signal: 'metrics' }>
export type LogQuery = Exclude<BuilderQuery, { readonly signal: 'metrics' }>
export type Formula = z.infer<typeof formulaSchema>
export type CompositePart = z.infer<typeof compositePartSchema>
export type MetricAggregation = z.infer<typeof metricAggregationSchema>

/** SigNoz gives percentiles of histograms only. */
function checkMetricAggregation(query: z.infer<typeof builderQuerySchema>, context: z.RefinementCtx): void {
  if (query.signal !== 'metrics') return
  for (const { metricName, spaceAggregation } of query.aggregations) {
    if (!/^p\d/.test(spaceAggregation) || metricName.endsWith('.bucket')) continue
    const message = `expected percentiles of a histogram’s .bucket only, found ${metricName}`
    context.addIssue({ code: 'custom', message, path: ['aggregations'] })
  }
}

function checkNames(parts: readonly CompositePart[], context: z.RefinementCtx): void {
  const names = parts.map(({ spec }) => spec.name)
  for (const [i, { type, spec }] of parts.entries()) {
    if (names.indexOf(spec.name) !== i)
      context.addIssue({ code: 'custom', message: `expected names once, found ${spec.name} again`, path: [i] })
    if (type !== 'builder_formula') continue
    for (const [used] of spec.expression.matchAll(/[A-Za-z_][A-Za-z0-9_]*(?!\w*\()/g)) {
      if (names.includes(used) && used !== spec.name) continue
      context.addIssue({ code: 'custom', message: `expected a query’s name, found ${used}`, path: [i, 'expression'] })
    }
  }
}
