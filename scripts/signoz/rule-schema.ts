/** Alert rules as SigNoz's API takes them (`schemaVersion` v2alpha1, and what came before): checked against real ones. */
import * as z from 'zod'
import { compositePartsSchema } from './query-schema.ts'

/** As Go writes durations. */
const DURATION = z.string().regex(/^(\d+(\.\d+)?(h|m|s|ms))+$/, 'expected a duration such as 24h or 5m0s')
const OPERATOR = z.enum(['above', 'below', 'equal', 'not_equal', 'above_or_equal', 'below_or_equal', 'outside_bounds'])
const MATCH = z.enum(['at_least_once', 'all_the_times', 'on_average', 'in_total', 'last'])

const thresholdSchema = z.strictObject({
  name: z.string().min(1),
  target: z.number(),
  targetUnit: z.string().optional(),
  recoveryTarget: z.number().nullish(),
  op: OPERATOR,
  matchType: MATCH,
  channels: z.array(z.string().min(1)),
})

const conditionSchema = z
  .strictObject({
    compositeQuery: z.strictObject({
      queryType: z.enum(['builder', 'clickhouse_sql', 'promql']),
      panelType: z.enum(['graph', 'value', 'table', 'bar', 'list', 'pie', 'histogram', 'trace']),
      queries: compositePartsSchema,
      unit: z.string().optional(),
    }),
    selectedQueryName: z.string().optional(),
    thresholds: z.strictObject({ kind: z.literal('basic'), spec: z.array(thresholdSchema).min(1) }).optional(),
    alertOnAbsent: z.boolean().optional(),
    // In minutes.
    absentFor: z.int().positive().optional(),
    requireMinPoints: z.boolean().optional(),
    requiredNumPoints: z.int().positive().optional(),
    // Of rules of the first version only.
    algorithm: z.string().optional(),
    seasonality: z.enum(['hourly', 'daily', 'weekly']).optional(),
    op: OPERATOR.optional(),
    matchType: MATCH.optional(),
    target: z.number().optional(),
    targetUnit: z.string().optional(),
  })
  .superRefine(({ compositeQuery, selectedQueryName }, context) => {
    const names = compositeQuery.queries.map(({ spec }) => spec.name)
    if (selectedQueryName === undefined || names.includes(selectedQueryName)) return
    const message = `expected one of ${names.join(', ')}, found ${selectedQueryName}`
    context.addIssue({ code: 'custom', message, path: ['selectedQueryName'] })
  })

const common = {
  alert: z.string().min(1),
  alertType: z.enum(['METRIC_BASED_ALERT', 'LOGS_BASED_ALERT', 'TRACES_BASED_ALERT', 'EXCEPTIONS_BASED_ALERT']),
  description: z.string().optional(),
  ruleType: z.enum(['threshold_rule', 'promql_rule', 'anomaly_rule']),
  condition: conditionSchema,
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  disabled: z.boolean().optional(),
  preferredChannels: z.array(z.string()).nullish(),
  version: z.literal('v5'),
  source: z.string().optional(),
}

const currentRuleSchema = z.strictObject({
  ...common,
  schemaVersion: z.literal('v2alpha1'),
  evaluation: z.strictObject({
    kind: z.literal('rolling'),
    spec: z.strictObject({ evalWindow: DURATION, frequency: DURATION }),
  }),
  notificationSettings: z.strictObject({
    groupBy: z.array(z.string().min(1)).optional(),
    usePolicy: z.boolean().optional(),
    newGroupEvalDelay: DURATION.optional(),
    renotify: z
      .strictObject({
        enabled: z.boolean(),
        interval: DURATION.optional(),
        alertStates: z.array(z.enum(['firing', 'nodata'])).optional(),
      })
      .optional(),
  }),
})

const earlierRuleSchema = z.strictObject({ ...common, evalWindow: DURATION.optional(), frequency: DURATION.optional() })

/** What `POST /api/v2/rules` takes. */
export const ruleSchema = z
  .discriminatedUnion('schemaVersion', [
    currentRuleSchema,
    earlierRuleSchema.extend({ schemaVersion: z.literal('v1').optional() }),
  ])
  .superRefine(({ schemaVersion, condition }, context) => {
    if (schemaVersion !== 'v2alpha1' || condition.thresholds !== undefined) return
    context.addIssue({ code: 'custom', message: 'expected thresholds', path: ['condition', 'thresholds'] })
  })

export type Rule = z.infer<typeof currentRuleSchema>
export type Threshold = z.infer<typeof thresholdSchema>
