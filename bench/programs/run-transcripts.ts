import * as z from 'zod'
import type { ExporterFactory } from '#src/component.ts'
import { components } from '#src/components.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { loadConfig } from '#src/config/load.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { measured } from './measured.ts'

/**
 * Reads transcripts once into sessions and KPIs, as `run --once` does, with positions and sessions kept: the second time in
 * the same state it finds nothing new. Counts the lines that it read.
 */

const PROCESSORS = ['session_grouping', 'kpi_aggregation']
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

const [input = '.', directory = '.'] = process.argv.slice(2)

async function run(): Promise<number> {
  const nowMs = (): number => Date.now()
  const store = await openStore({ directory, mode: 'write', nowMs })
  const service = new Service({ config: config(), store, nowMs, loggerFor: () => SILENT, delivery: 'direct' })
  const before = linesOf(service)
  await service.start()
  await service.inputFinished()
  await service.finish()
  await service.stop()
  await store.close()
  return linesOf(service) - before
}

function config(): LoadedConfig {
  const text = JSON.stringify({
    receivers: { transcripts: { include: [`${input}/projects/**/*.jsonl`], follow: false } },
    processors: Object.fromEntries(PROCESSORS.map((type) => [type, {}])),
    exporters: { discard: {} },
    service: {
      storage: { directory },
      pipelines: { sessions: { receivers: ['transcripts'], processors: PROCESSORS, exporters: ['discard'] } },
    },
  })
  return loadConfig({ sources: [{ file: 'bench.yaml', text }], sets: [], env: {} }, [...components, discard])
}

/** @throws when something was lost or left out: figures of half the work are none */
function linesOf(service: Service): number {
  const accounts = service.accounts()
  for (const [component, account] of accounts) {
    const lost = Object.keys(account.settled).filter((outcome) => outcome.startsWith('dropped'))
    if (unaccounted(account) !== 0 || lost.length > 0) throw new Error(`${component}: ${JSON.stringify(account)}`)
  }
  return accounts.get('receiver/transcripts')?.received ?? 0
}

const discard: ExporterFactory<unknown, 'assessment'> = {
  kind: 'exporter',
  type: 'discard',
  stability: 'development',
  description: 'Takes everything and does nothing with it.',
  consumes: 'assessment',
  configSchema: z.strictObject({}),
  create: () => ({ async start() {}, async stop() {}, async consume() {} }),
}

await measured(run)
