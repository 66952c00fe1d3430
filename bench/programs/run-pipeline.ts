import { z } from 'zod'
import type { ExporterFactory } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { limitHeapGrowth } from '#src/service/heap-growth.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { measured } from './measured.ts'

/** Files → sessions → KPIs (`core`), or all that agentperf does by default (`whole`), built as the service does it. */

const CORE = { processors: ['session_grouping', 'kpi_aggregation'], exporters: ['discard'] }
const WHOLE = { processors: [...CORE.processors, 'baseline_ema'], exporters: ['jsonl', 'markdown'] }
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

const [input = '.', directory = '.', extent = 'core'] = process.argv.slice(2)

async function runPipeline(whole: boolean): Promise<number> {
  const nowMs = (): number => Date.now()
  const store = await openStore({ directory, mode: whole ? 'write' : 'ephemeral', nowMs })
  const config = loadConfig(
    { sources: [{ file: 'bench.yaml', text: configText(whole ? WHOLE : CORE) }], sets: [], env: {} },
    [...components, discard],
  )
  const service = new Service({
    config,
    store,
    nowMs,
    loggerFor: () => SILENT,
    delivery: whole ? 'by_cursor' : 'direct',
  })
  await service.start()
  await service.inputFinished()
  await service.finish()
  await service.stop()
  await store.close()
  return linesOf(service)
}

function configText({
  processors,
  exporters,
}: {
  processors: readonly string[]
  exporters: readonly string[]
}): string {
  const none = (types: readonly string[]) => Object.fromEntries(types.map((type) => [type, {}]))
  return JSON.stringify({
    receivers: { jsonl_file: { include: [`${input}/*.jsonl`], follow: false } },
    processors: none(processors),
    exporters: none(exporters),
    service: {
      storage: { directory },
      pipelines: { sessions: { receivers: ['jsonl_file'], processors, exporters } },
    },
  })
}

/** @throws when something was lost or left out: figures of half the work are none */
function linesOf(service: Service): number {
  const accounts = service.accounts()
  for (const [component, account] of accounts) {
    const lost = Object.keys(account.settled).filter((outcome) => outcome.startsWith('dropped'))
    if (unaccounted(account) !== 0 || lost.length > 0) throw new Error(`${component}: ${JSON.stringify(account)}`)
  }
  return accounts.get('receiver/jsonl_file')?.received ?? 0
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

limitHeapGrowth()
await measured(() => runPipeline(extent === 'whole'))
