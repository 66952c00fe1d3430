import type { Context, Next, Processor, ProcessorFactory } from '#src/component.ts'
import { assess } from '#src/kpi/assess.ts'
import type { Assessment } from '#src/model/assessment.ts'
import { type Config, configSchema } from './config.ts'
import { planKpis } from './plan.ts'

/** Turns each session into an assessment: its KPIs with evidence, reasons where absent, and notes. */
export const kpiAggregation: ProcessorFactory<Config, 'session', 'assessment'> = {
  kind: 'processor',
  type: 'kpi_aggregation',
  stability: 'beta',
  description: 'Computes the KPIs of sessions, with evidence and the reason where one is absent.',
  consumes: 'session',
  produces: 'assessment',
  configSchema,
  create: (config, context, next) => createProcessor(config, context, next),
}

function createProcessor(config: Config, context: Context, next: Next<'assessment'>): Processor<'session'> {
  const plan = planKpis(config)
  return {
    async start() {},
    async stop() {},
    async consume(sessions) {
      const assessments = sessions.map((session) => assess(session, plan, () => performance.now()))
      for (const assessment of assessments) reportTroubles(assessment, context)
      await next(assessments)
      context.items.received(sessions.length)
      context.items.settled('used', sessions.length)
    },
  }
}

function reportTroubles({ line }: Assessment, { log }: Context): void {
  for (const { code, kpi, message } of line.notes) {
    if (code !== 'kpi_failed' && code !== 'kpi_timeout') continue
    log.warn({ session: line.session_id, kpi, reason: code }, message)
  }
}
