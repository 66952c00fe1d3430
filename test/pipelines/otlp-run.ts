import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { NOW_MS, type Run, readLedgerFile, workspace } from './harness.ts'

export interface OtlpRunInput {
  /** How many items are sent. */
  readonly items: number
  /** What time it is while they are sent. */
  readonly sentMs: number
}

/**
 * Runs the default pipeline with OTLP as its only input, until all sessions have been idle for long. The
 * conservation law is checked.
 */
export async function runOtlp(
  { items, sentMs }: OtlpRunInput,
  send: (url: string, grpcUrl: string) => Promise<void>,
): Promise<Run> {
  const directory = join(await workspace(), 'state')
  const processors = ['session_grouping', 'kpi_aggregation', 'baseline_ema', 'alerting', 'suggestion_rules']
  const text = JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' }, grpc: { endpoint: '127.0.0.1:0' } } } },
    processors: Object.fromEntries(processors.map((type) => [type, {}])),
    exporters: { jsonl: {} },
    service: {
      storage: { directory },
      pipelines: { sessions: { receivers: ['otlp'], processors, exporters: ['jsonl'] } },
    },
  })
  const urls: string[] = []
  const logged: unknown[] = []
  const log: Logger['info'] = (fields, message) => {
    logged.push({ fields, message })
    if (typeof fields.url === 'string') urls.push(fields.url)
  }
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  // The session is going on while it is sent, and has been idle for long afterwards.
  let timeMs = sentMs
  const nowMs = (): number => timeMs
  const committed = Promise.withResolvers<void>()
  const store = await openStore({ directory, mode: 'write', nowMs })
  const config = loadConfig({ sources: [{ file: 'test.yaml', text }], sets: [], env: {} }, components)
  const onCommitted = (): void => committed.resolve()
  const service = new Service({ config, store, nowMs, loggerFor: () => logger, onCommitted })
  try {
    await service.start()
    const [url = '', grpcUrl = ''] = urls
    await send(url, grpcUrl)
    while (service.accounts().get('receiver/otlp')?.settled.used !== items) await sleep(2)
    timeMs = NOW_MS
    await committed.promise
  } finally {
    await service.stop()
    await store.close()
  }
  const accounts = service.accounts()
  for (const [component, account] of accounts) {
    if (unaccounted(account) !== 0) throw new Error(`${component} lost ${unaccounted(account)} items`)
  }
  return { ledger: await readLedgerFile(directory), accounts, directory, logged: JSON.stringify(logged) }
}
