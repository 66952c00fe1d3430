import { compare, NOT_COMPARED } from '#src/baseline/compare.ts'
import { WindowValues } from '#src/baseline/window-values.ts'
import type { Batch, Context, Next, Processor, ProcessorFactory } from '#src/component.ts'
import { type Direction, kpiDefinition } from '#src/kpi/table.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { removeLeftovers } from '#src/store/atomic-file.ts'
import { BatchHistory } from '#src/store/batch-history.ts'
import { severalAtOnce } from '#src/store/several-at-once.ts'
import { archiveBaseline, directoryOf, settingsOf, writeBaselines } from './baseline-files.ts'
import { type Config, configSchema } from './config.ts'

/** So many sessions with another model are a change; agents that have two models by turns have none. */
const MODEL_SESSIONS = 3

/** With a long history the first renewal of all files takes a while: it waits until the rest has started. */
const FIRST_RENEWAL_AFTER_MS = 1000

/** Compares each session with its agent type's history before it, and keeps the baseline files up to date. */
export const baselineEma: ProcessorFactory<Config, 'assessment', 'assessment'> = {
  kind: 'processor',
  type: 'baseline_ema',
  stability: 'beta',
  description: "Compares sessions with their agent type's moving average and writes the baseline files.",
  consumes: 'assessment',
  produces: 'assessment',
  configSchema,
  create: (config, context, next) => createProcessor(config, context, next),
}

function createProcessor(config: Config, context: Context, next: Next<'assessment'>): Processor<'assessment'> {
  const renewFiles = fileRenewal(config, context)
  const past = new WindowValues()
  /** All files are compared with the history once; `undefined` when that is done. */
  let firstRenewal: NodeJS.Timeout | undefined
  const renewAll = (): Promise<void> => {
    clearTimeout(firstRenewal)
    firstRenewal = undefined
    return renewFiles(context.store.history.agentTypes())
  }
  let turn: Promise<void> = Promise.resolve()
  return {
    async start() {
      if (!context.store.ephemeral) await removeLeftovers(directoryOf(config, context.store))
      firstRenewal = setTimeout(renewAll, FIRST_RENEWAL_AFTER_MS)
    },
    async stop() {
      await turn
      await (firstRenewal === undefined ? renewFiles([]) : renewAll())
    },
    consume(batch) {
      // One batch after the other: a session is compared with those that were committed before it.
      const result = turn.then(() => handOn(batch, past, config, context, next))
      turn = result.catch(() => {})
      return result
    },
    async settle({ line, live }) {
      if (live || config.on_model_change !== 'reset' || context.store.ephemeral) return
      if (hasNewModel(line, context)) await beginAnew(line, config, context)
    },
    committed: (batch) => renewFiles(batch.filter(({ live }) => !live).map(({ line }) => line.agent_type)),
  }
}

/** Whether the last sessions had one model, and the one before them another. @param line the last of them */
function hasNewModel({ agent_type, session_id, model }: LedgerLine, { store }: Context): boolean {
  const window = store.history.of(agent_type)?.window ?? []
  if (model === null || window.at(-1)?.sessionId !== session_id) return false
  const models = window.map((entry) => entry.model).filter((known) => known !== null)
  const before = models.at(-1 - MODEL_SESSIONS)
  return before !== undefined && before !== model && models.slice(-MODEL_SESSIONS).every((known) => known === model)
}

async function beginAnew({ agent_type, ended_at, model }: LedgerLine, config: Config, context: Context): Promise<void> {
  await archiveBaseline(config, context.store, agent_type, ended_at)
  await context.store.resetHistory(agent_type, ended_at)
  context.log.info({ agent_type, model }, 'the model changed: what is normal is learned anew, what was is in archive/')
}

/** Writes baseline files. What cannot be written is tried again the next time; it never rejects. */
function fileRenewal(config: Config, { store, log }: Context): (agentTypes: Iterable<string>) => Promise<void> {
  const outdated = new Set<string>()
  let turn: Promise<void> = Promise.resolve()

  const renew = async (agentType: string): Promise<void> => {
    try {
      outdated.delete(agentType)
      await writeBaselines(config, store, [agentType])
    } catch (error) {
      outdated.add(agentType)
      const fields = { agent_type: agentType, error: String(error) }
      log.error(fields, 'a baseline file was not written; it is tried again with the next session, nothing is lost')
    }
  }

  const renewOutdated = async (): Promise<void> => {
    await severalAtOnce([...outdated], renew)
  }

  return (agentTypes) => {
    if (store.ephemeral) return turn
    for (const agentType of agentTypes) outdated.add(agentType)
    turn = turn.then(renewOutdated)
    return turn
  }
}

async function handOn(
  batch: Batch<'assessment'>,
  past: WindowValues,
  config: Config,
  context: Context,
  next: Next<'assessment'>,
): Promise<void> {
  const history = new BatchHistory(context.store.history)
  const compared: Assessment[] = []
  for (const assessment of batch) {
    compared.push(compareOne(assessment, history, past, config))
    if (!assessment.live) history.add(assessment.line)
  }
  await next(compared)
  context.items.received(batch.length)
  context.items.settled('used', batch.length)
}

function compareOne(assessment: Assessment, history: BatchHistory, past: WindowValues, config: Config): Assessment {
  const { line } = assessment
  const before = history.before(line.agent_type, line.session_id)
  const comparison =
    before === undefined
      ? NOT_COMPARED
      : compare(line.kpis, past.of(before), settingsOf(config), (kpi) => directionOf(kpi, line))
  return { ...assessment, line: { ...line, ...comparison } }
}

function directionOf(kpi: string, { custom_kpis }: LedgerLine): Direction | undefined {
  return kpiDefinition(kpi)?.direction ?? custom_kpis?.[kpi]?.direction
}
