import * as z from 'zod'
import type { ReceiverFactory } from '#src/component.ts'
import type { ConfiguredComponent, LoadedConfig } from '#src/config/config.ts'
import { lastSignal } from '#src/graph/build.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { createLogger } from '#src/service/log.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { latestLines } from '#src/store/read-ledger.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import { ONE_SHOT_ATTEMPTS } from './once.ts'
import type { GlobalOptions } from './options.ts'

const RECEIVER = 'nothing'
const BATCH_SIZE = 128

/** Writes everything that follows from the ledger again: history, baselines, and what exporters make of sessions. */
export async function run(options: GlobalOptions, io: Io): Promise<number> {
  const config = withoutInput(await loadConfiguration(options, io))
  const { directory } = config.service.storage
  const store = await openStore({ directory, mode: 'write', ignoreSnapshot: true, nowMs: io.nowMs })
  try {
    // Before the service looks how far each exporter has come.
    for (const id of config.exporters.keys()) store.moveCursor(id, 0)
    const service = new Service({
      config,
      store,
      nowMs: io.nowMs,
      loggerFor: createLogger('warn', 'pretty', io.stderr),
      maxAttempts: ONE_SHOT_ATTEMPTS,
      onStarted: io.loaded,
    })
    try {
      await service.forgetExported()
      await service.start()
      await renewProjections(service, directory)
      await service.drain()
    } finally {
      await service.stop()
    }
    const agentTypes = store.history.agentTypes()
    const sessions = agentTypes.reduce((sum, type) => sum + (store.history.of(type)?.sessionCount ?? 0), 0)
    io.stdout.write(
      `${directory}: rebuilt from the ledger: ${sessions} sessions of ${agentTypes.length} agent types, ` +
        `exporters ${[...config.exporters.keys()].join(', ')}\n`,
    )
    return EXIT.fine
  } finally {
    await store.close()
  }
}

/** What processors write of each session, in batches: a ledger may be longer than memory. */
async function renewProjections(service: Service, directory: string): Promise<void> {
  let batch: LedgerLine[] = []
  for (const line of latestLines(directory)) {
    batch.push(line)
    if (batch.length < BATCH_SIZE) continue
    await service.renewProjections(batch)
    batch = []
  }
  await service.renewProjections(batch)
}

/** The pipelines that assess sessions, with nothing coming in. */
function withoutInput(config: LoadedConfig): LoadedConfig {
  const receiver: ConfiguredComponent<ReceiverFactory> = { id: RECEIVER, type: RECEIVER, factory: nothing, config: {} }
  const pipelines = config.pipelines.filter((pipeline) => lastSignal(pipeline, config) === 'assessment')
  const used = new Set(pipelines.flatMap(({ exporters }) => exporters))
  return {
    ...config,
    receivers: new Map([[RECEIVER, receiver]]),
    exporters: new Map([...config.exporters].filter(([id]) => used.has(id))),
    pipelines: pipelines.map((pipeline) => ({ ...pipeline, receivers: [RECEIVER] })),
  }
}

const nothing: ReceiverFactory<unknown, 'telemetry'> = {
  kind: 'receiver',
  type: RECEIVER,
  stability: 'stable',
  description: 'Receives nothing.',
  produces: 'telemetry',
  configSchema: z.unknown(),
  create: (_config, { progress }) => ({
    // Nothing is scanned: no open session may end.
    start: async () => progress.scanned(0),
    async stop() {},
    finished: Promise.resolve(),
  }),
}
