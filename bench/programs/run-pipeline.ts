import { readFileSync } from 'node:fs'
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
 * Reads telemetry files once, as `run --once` does: up to the KPIs only and with all results dropped, or, when a
 * configuration file is given, with all that is in it.
 */

const PROCESSORS = ['session_grouping', 'kpi_aggregation']
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

const [input = '.', directory = '.', configFile] = process.argv.slice(2)

async function runPipeline(): Promise<number> {
  const nowMs = (): number => Date.now()
  const whole = configFile !== undefined
  const store = await openStore({ directory, mode: whole ? 'write' : 'ephemeral', nowMs })
  const config = whole ? wholeConfig(configFile) : coreConfig()
  const delivery = whole ? 'by_cursor' : 'direct'
  const service = new Service({ config, store, nowMs, loggerFor: () => SILENT, delivery })
  await service.start()
  await service.inputFinished()
  await service.finish()
  await service.stop()
  await store.close()
  return linesOf(service)
}

function wholeConfig(file: string): LoadedConfig {
  const sets = [
    `receivers.jsonl_file.include=${JSON.stringify([`${input}/*.jsonl`])}`,
    'receivers.jsonl_file.follow=false',
    'service.pipelines.sessions.receivers=[jsonl_file]',
    `service.storage.directory=${directory}`,
  ]
  return loadConfig({ sources: [{ file, text: readFileSync(file, 'utf8') }], sets, env: process.env }, components)
}

function coreConfig(): LoadedConfig {
  const text = JSON.stringify({
    receivers: { jsonl_file: { include: [`${input}/*.jsonl`], follow: false } },
    processors: Object.fromEntries(PROCESSORS.map((type) => [type, {}])),
    exporters: { discard: {} },
    service: {
      storage: { directory },
      pipelines: { sessions: { receivers: ['jsonl_file'], processors: PROCESSORS, exporters: ['discard'] } },
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

await measured(runPipeline)
