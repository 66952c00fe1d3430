import * as z from 'zod'
import type { ExporterFactory } from '#src/component.ts'
import { components } from '#src/components.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { loadConfig } from '#src/config/load.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'

const PROCESSORS = ['session_grouping', 'kpi_aggregation']
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

const discard: ExporterFactory<unknown, 'assessment'> = {
  kind: 'exporter',
  type: 'discard',
  stability: 'development',
  description: 'Takes everything and does nothing with it.',
  consumes: 'assessment',
  configSchema: z.strictObject({}),
  create: () => ({ async start() {}, async stop() {}, async consume() {} }),
}

/** One receiver of files, up to the KPIs only and with all results dropped. */
export function configUpToKpis(receiver: string, include: string, directory: string): LoadedConfig {
  const text = JSON.stringify({
    receivers: { [receiver]: { include: [include], follow: false } },
    processors: Object.fromEntries(PROCESSORS.map((type) => [type, {}])),
    exporters: { discard: {} },
    service: {
      storage: { directory },
      pipelines: { sessions: { receivers: [receiver], processors: PROCESSORS, exporters: ['discard'] } },
    },
  })
  return loadConfig({ sources: [{ file: 'bench.yaml', text }], sets: [], env: {} }, [...components, discard])
}

export interface ReadOnce {
  readonly config: LoadedConfig
  /** The receiver whose lines are counted. */
  readonly receiver: string
  /** Whether positions and sessions are kept. */
  readonly mode: 'write' | 'ephemeral'
  readonly delivery: 'by_cursor' | 'direct'
}

/**
 * Reads all input once, as `run --once` does.
 *
 * @returns the lines that were received in this run
 * @throws when something was lost or left out: figures of half the work are none
 */
export async function readOnce({ config, receiver, mode, delivery }: ReadOnce): Promise<number> {
  const nowMs = (): number => Date.now()
  const store = await openStore({ directory: config.service.storage.directory, mode, nowMs })
  const service = new Service({ config, store, nowMs, loggerFor: () => SILENT, delivery })
  const before = linesOf(service, receiver)
  await service.start()
  await service.inputFinished()
  await service.finish()
  await service.stop()
  await store.close()
  return linesOf(service, receiver) - before
}

function linesOf(service: Service, receiver: string): number {
  const accounts = service.accounts()
  for (const [component, account] of accounts) {
    const lost = Object.keys(account.settled).filter((outcome) => outcome.startsWith('dropped'))
    if (unaccounted(account) !== 0 || lost.length > 0) throw new Error(`${component}: ${JSON.stringify(account)}`)
  }
  return accounts.get(`receiver/${receiver}`)?.received ?? 0
}
