import * as z from 'zod'
import { durationMs } from '#src/config/units.ts'
import { MANAGEMENT_TOOLS } from '#src/kpi/tool-overhead-ratio.ts'
import { checkExpression, checkKpis, type KpiChoice, type KpiSettings } from './kpi-settings.ts'

const threshold = z.number().nullable().optional()

const kpiSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the KPI is computed.'),
  expr: z.string().optional().describe('A CEL expression that gives a number: makes the KPI one of your own.'),
  direction: z.enum(['higher', 'lower']).optional().describe('Which direction is better, for a KPI of your own.'),
  unit: z.string().optional().describe('Unit as OpenTelemetry writes it, for a KPI of your own; 1 when left out.'),
  label: z
    .string()
    .min(1)
    .optional()
    .describe('Name in reports, for a KPI of your own; its key in words when left out.'),
  target: threshold.describe('A value that does not reach it is noted as below target; null: none.'),
  warning: threshold.describe('A value that is worse is noted; null: none.'),
  critical: threshold.describe('A value that is worse is noted; null: none.'),
})

const dollars = z.number().nonnegative()

const priceSchema = z.strictObject({
  input: dollars.describe('US dollars for a million tokens that models read, without a cache.'),
  cache_write: dollars.describe('US dollars for a million tokens that are written to the cache.'),
  cache_read: dollars.describe('US dollars for a million tokens that are read from the cache.'),
  output: dollars.describe('US dollars for a million tokens that models write.'),
})

const pricesSchema = z.strictObject({
  as_of: z.iso.date().optional().describe('When you looked the prices up: a date.'),
  models: z
    .record(z.string().min(1), priceSchema)
    .default({})
    .describe('Prices by the name of the model; they take the place of those that agentperf knows.'),
})

const kpiMap = z.record(z.string(), z.unknown())
const withExpression = z.object({ expr: z.string() })

const tools = z.array(z.string().min(1))

export const configSchema = z
  .strictObject({
    definitions: z
      .enum(['standard', 'seed'])
      .default('standard')
      .describe("Formulas of the KPIs: this project's, or the mission's literal ones."),
    management_tools: tools
      .default([...MANAGEMENT_TOOLS])
      .describe("Tools that manage the agent's own work, for tool_overhead_ratio (standard definitions)."),
    productive_tools: tools
      .optional()
      .describe('Tools that do the work, for tool_overhead_ratio (standard definitions); all others when left out.'),
    kpi_timeout: durationMs({ default: '1s' }).describe('A KPI that takes longer is noted; its value is still used.'),
    prices: pricesSchema
      .default({ models: {} })
      .describe('What models cost, for sessions whose source reports no costs, and for what a cache saves.'),
    kpis: z
      .record(z.string(), kpiSchema)
      .default({})
      .describe('Thresholds of the built-in KPIs, and KPIs of your own.'),
  })
  // Also where other keys are wrong, so that all problems are reported at once.
  .superRefine(addKpiProblems, { when: () => true })

export type Config = z.infer<typeof configSchema>

interface Issues {
  addIssue(issue: { readonly code: 'custom'; readonly path: PropertyKey[]; readonly message: string }): void
}

/** @param config may hold anything in the places that the schema found wrong */
function addKpiProblems(config: { readonly definitions: unknown; readonly kpis: unknown }, issues: Issues): void {
  const sound: Record<string, KpiSettings> = {}
  const unsound = new Set<string>()
  for (const [name, settings] of Object.entries(kpiMap.safeParse(config.kpis).data ?? {})) {
    const { data } = kpiSchema.safeParse(settings)
    if (data === undefined) unsound.add(name)
    // It is reported already, but expressions below may name it.
    sound[name] = data ?? { enabled: true }
  }
  const choice: KpiChoice = { definitions: config.definitions === 'seed' ? 'seed' : 'standard', kpis: sound }
  const problems = checkKpis(choice).filter(({ path: [, name = ''] }) => !unsound.has(name))
  const expressions = [...unsound].flatMap((name) => {
    const { data } = withExpression.safeParse(kpiMap.parse(config.kpis)[name])
    return data === undefined ? [] : checkExpression(name, data.expr, choice)
  })
  for (const { path, message } of [...problems, ...expressions]) {
    issues.addIssue({ code: 'custom', path: [...path], message })
  }
}
