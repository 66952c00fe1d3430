import * as z from 'zod'
import { jsonlFile } from '#receivers/jsonl_file/jsonl_file.ts'
import { transcripts } from '#receivers/transcripts/transcripts.ts'
import type { ExporterFactory, ReceiverFactory } from '#src/component.ts'
import type { ConfiguredComponent, LoadedConfig } from '#src/config/config.ts'
import { ConfigError } from '#src/errors.ts'
import { lastSignal } from '#src/graph/build.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { createLogger } from '#src/service/log.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { type Inputs, inputsOf } from './analyze-inputs.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { AnalyzeOptions } from './options.ts'
import { progressLine } from './progress.ts'
import { sessionsTable } from './sessions.ts'
import { verdictsText } from './verdicts.ts'

const PIPELINE = 'analyze'
const EXPORTER = 'collect'
const PROGRESS_INTERVAL_MS = 100
const VERDICTS_SHOWN = 10

/** Computes the KPIs of the sessions in some files with the configuration's processors. */
export async function run(options: AnalyzeOptions, io: Io): Promise<number> {
  const nowMs = clockOf(options, io)
  const config = await loadConfiguration(await withAgentType(options, io), io)
  const inputs = await inputsOf(options.files, io.cwd)
  const lines = new Map<string, LedgerLine>()
  const collect = (line: LedgerLine): void => {
    lines.delete(line.session_id)
    lines.set(line.session_id, line)
  }
  const lost = await analyze(analysisConfig(config, inputs, collect), options.save, nowMs, io)
  const sessions = [...lines.values()]
  io.stdout.write(options.json ? `${JSON.stringify(sessions, null, 2)}\n` : textOf(sessions, io))
  if (lost !== '') io.stderr.write(`left out: ${lost}\n`)
  return sessions.length === 0 && lost !== '' ? EXIT.finding : EXIT.fine
}

async function analyze(config: LoadedConfig, save: boolean, nowMs: () => number, io: Io): Promise<string> {
  const { directory } = config.service.storage
  const store = await openStore({ directory, mode: save ? 'analysis' : 'ephemeral', nowMs })
  const service = new Service({
    config,
    store,
    nowMs,
    loggerFor: createLogger('error', 'pretty', io.stderr),
    delivery: 'direct',
    onStarted: io.loaded,
  })
  const progress = progressLine(io.stderr, () => performance.now())
  const timer = setInterval(() => progress.update(service.inputRead()), PROGRESS_INTERVAL_MS)
  try {
    await service.start()
    await service.inputFinished()
    await service.finish()
    return lossesOf(service)
  } finally {
    clearInterval(timer)
    progress.clear()
    await service.stop()
    await store.close()
  }
}

/** The configuration's first pipeline that assesses sessions, between the files and a list. */
function analysisConfig(config: LoadedConfig, inputs: Inputs, collect: (line: LedgerLine) => void): LoadedConfig {
  const pipeline = config.pipelines.find((each) => lastSignal(each, config) === 'assessment')
  if (pipeline === undefined) {
    const message = 'expected a pipeline that ends in assessments (as with kpi_aggregation), got none'
    throw new ConfigError([{ location: undefined, path: 'service.pipelines', message }])
  }
  const receivers = [reader(jsonlFile, inputs.telemetry), reader(transcripts, inputs.transcripts)].flat()
  const exporter = { id: EXPORTER, type: EXPORTER, factory: collectInto(collect), config: {} }
  return {
    ...config,
    receivers: new Map(receivers.map((each) => [each.id, each])),
    exporters: new Map([[EXPORTER, exporter]]),
    pipelines: [
      {
        name: PIPELINE,
        receivers: receivers.map(({ id }) => id),
        processors: pipeline.processors,
        exporters: [EXPORTER],
      },
    ],
  }
}

/** A receiver of these files, if there are any. */
function reader(factory: ReceiverFactory, include: readonly string[]): ConfiguredComponent<ReceiverFactory>[] {
  if (include.length === 0) return []
  const { type, configSchema } = factory
  return [{ id: `${type}/${PIPELINE}`, type, factory, config: configSchema.parse({ include, follow: false }) }]
}

function collectInto(collect: (line: LedgerLine) => void): ExporterFactory {
  const factory: ExporterFactory<unknown, 'assessment'> = {
    kind: 'exporter',
    type: EXPORTER,
    stability: 'stable',
    description: 'Keeps what was assessed for the command that asked.',
    consumes: 'assessment',
    configSchema: z.unknown(),
    create: () => ({
      async start() {},
      async stop() {},
      async consume(batch) {
        for (const { line } of batch) collect(line)
      },
    }),
  }
  return factory
}

async function withAgentType(options: AnalyzeOptions, io: Io): Promise<AnalyzeOptions> {
  if (options.agentType === undefined) return options
  const { processors } = await loadConfiguration(options, io)
  const grouping = [...processors.values()].filter(({ type }) => type === 'session_grouping')
  const sets = grouping.map(({ id }) => `processors.${id}.agent_type=${JSON.stringify(options.agentType)}`)
  return { ...options, set: [...options.set, ...sets] }
}

function clockOf({ now }: AnalyzeOptions, io: Io): () => number {
  if (now === undefined) return io.nowMs
  const fixedMs = Date.parse(now)
  if (Number.isFinite(fixedMs)) return () => fixedMs
  const message = `expected an ISO 8601 time such as 2026-11-20T12:00:00Z, got ${JSON.stringify(now)}`
  throw new ConfigError([{ location: undefined, path: '--now', message }])
}

function textOf(sessions: readonly LedgerLine[], io: Io): string {
  if (sessions.length === 0) return 'No session was found in these files.\n'
  const verdicts = verdictsText(sessions.toReversed(), VERDICTS_SHOWN, io)
  return sessionsTable(sessions, io) + (verdicts === '' ? '' : `\n${verdicts}`)
}

/** What was read and not used, in words: nothing is left out silently. */
function lossesOf(service: Service): string {
  const losses: string[] = []
  for (const [component, account] of service.accounts()) {
    for (const [outcome, count] of Object.entries(account.settled)) {
      if (
        outcome.startsWith('dropped') ||
        outcome === 'unattributed' ||
        outcome === 'ignored:unknown_format' ||
        outcome === 'ignored:unknown_record_type'
      ) {
        losses.push(`${count} ${outcome.replace('dropped:', '').replace('ignored:', '')} (${component})`)
      }
    }
    for (const [what, count] of Object.entries(account.noticed)) {
      // What was masked is as it should be.
      if (!what.startsWith('masked_')) losses.push(`${count} ${what} (${component})`)
    }
    if (unaccounted(account) !== 0) losses.push(`${unaccounted(account)} unaccounted for (${component})`)
  }
  return losses.join(', ')
}
