import { alertLevel } from '#src/alert/alert-level.ts'
import { HistoryMonitors } from '#src/alert/history-monitors.ts'
import { NO_MONITORS } from '#src/alert/monitor.ts'
import { judgeSession } from '#src/alert/policy.ts'
import type { Batch, Context, Next, Processor, ProcessorFactory } from '#src/component.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { BatchHistory } from '#src/store/batch-history.ts'
import { AlarmBoard } from './alarms.ts'
import { type Config, configSchema } from './config.ts'

/** Decides what of a session is alarming, by the sessions of its agent type before it. */
export const alerting: ProcessorFactory<Config, 'assessment', 'assessment'> = {
  kind: 'processor',
  type: 'alerting',
  stability: 'beta',
  description: 'Raises at most one alert for each KPI of a session, each with its reason.',
  consumes: 'assessment',
  produces: 'assessment',
  configSchema,
  create: (config, context, next) => createProcessor(config, context, next),
}

function createProcessor(config: Config, context: Context, next: Next<'assessment'>): Processor<'assessment'> {
  const known = new HistoryMonitors()
  const alarms = new AlarmBoard(context, config)
  let turn: Promise<void> = Promise.resolve()

  async function handOn(batch: Batch<'assessment'>): Promise<void> {
    const history = new BatchHistory(context.store.history)
    const judged: Assessment[] = []
    for (const assessment of batch) {
      judged.push({ ...assessment, line: judge(assessment.line, history) })
      if (!assessment.live) history.add(assessment.line)
    }
    await next(judged)
    for (const assessment of judged) if (assessment.live) alarms.live(assessment)
    for (const { line, live } of judged) if (!live && line.alert_level !== 'PASS') logAlerts(line, context)
    context.items.received(batch.length)
    context.items.settled('used', batch.length)
  }

  function judge(line: LedgerLine, history: BatchHistory): LedgerLine {
    const before = history.before(line.agent_type, line.session_id)
    const monitors =
      before === undefined || config.policy === 'seed'
        ? NO_MONITORS
        : known.after(before, (kpi) => line.custom_kpis?.[kpi]?.direction)
    const alerts = judgeSession(config.policy, line, { monitors, sessions: before?.window ?? [] })
    return { ...line, alerts, alert_level: alertLevel(alerts) }
  }

  return {
    async start() {
      context.decisions.tellAlarms(alarms)
    },
    async stop() {
      await turn
    },
    consume(batch) {
      // One batch after the other: a session is judged by those that were committed before it.
      const result = turn.then(() => handOn(batch))
      turn = result.catch(() => {})
      return result
    },
    async committed(batch) {
      alarms.committed(batch)
    },
  }
}

function logAlerts({ session_id, agent_type, alert_level, alerts }: LedgerLine, { log }: Context): void {
  const kpis = alerts.filter(({ severity }) => severity !== 'INFO').map(({ metric }) => metric)
  log.info({ session: session_id, agent_type, alert_level, kpis }, 'the session raised alerts')
}
