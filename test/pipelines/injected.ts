import { join } from 'node:path'
import * as z from 'zod'
import type { Next, ReceiverFactory } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { NOW_MS, workspace } from './harness.ts'

const RECEIVER = 'injected'
const PROCESSORS = ['session_grouping', 'kpi_aggregation', 'baseline_ema', 'alerting']
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const BATCH = 50

/**
 * Runs the default processors over telemetry as receivers hand it on. After each part all sessions are closed, so that
 * what comes in the next part is late.
 *
 * @returns the ledger; the conservation law is checked
 */
export async function runInjected(parts: readonly (readonly Telemetry[])[]): Promise<LedgerLine[]> {
  const directory = join(await workspace(), 'state')
  const store = await openStore({ directory, mode: 'ephemeral', nowMs: () => NOW_MS })
  const ledger: LedgerLine[] = []
  let handOn: Next<'telemetry'> = async () => {}
  const receiver = receiverWith((next) => {
    handOn = next
  })
  const service = new Service({
    config: configOf(directory, receiver),
    store,
    nowMs: () => NOW_MS,
    loggerFor: () => SILENT,
    delivery: 'direct',
    onCommitted: (lines) => ledger.push(...lines),
  })
  try {
    await service.start()
    for (const part of parts) {
      for (let from = 0; from < part.length; from += BATCH) await handOn(part.slice(from, from + BATCH))
      await service.finish()
    }
  } finally {
    await service.stop()
    await store.close()
  }
  for (const [component, account] of service.accounts()) {
    if (unaccounted(account) !== 0) throw new Error(`${component} lost items: ${JSON.stringify(account)}`)
    const dropped = Object.keys(account.settled).filter((key) => key.startsWith('dropped'))
    if (dropped.length > 0) throw new Error(`${component} dropped items: ${JSON.stringify(account)}`)
  }
  return ledger
}

function receiverWith(take: (next: Next<'telemetry'>) => void): ReceiverFactory<Record<string, never>, 'telemetry'> {
  return {
    kind: 'receiver',
    type: RECEIVER,
    stability: 'development',
    description: 'Hands on what the test gives it.',
    produces: 'telemetry',
    configSchema: z.strictObject({}),
    create: (_config, { progress, items }, next) => {
      take(async (batch) => {
        await next(batch)
        items.received(batch.length)
        items.settled('used', batch.length)
      })
      // Nothing is scanned: no session ends on its own.
      return { start: async () => progress.scanned(0), async stop() {} }
    },
  }
}

function configOf(directory: string, receiver: ReceiverFactory<Record<string, never>, 'telemetry'>) {
  const text = JSON.stringify({
    receivers: { [RECEIVER]: {} },
    processors: Object.fromEntries(PROCESSORS.map((type) => [type, {}])),
    exporters: { jsonl: {} },
    service: {
      storage: { directory },
      pipelines: { sessions: { receivers: [RECEIVER], processors: PROCESSORS, exporters: ['jsonl'] } },
    },
  })
  return loadConfig({ sources: [{ file: 'test.yaml', text }], sets: [], env: {} }, [...components, receiver])
}

/** What a ledger line says of its session alone, with sums as exact as the order of adding lets them be. */
export function contentOf(line: LedgerLine): unknown {
  const { totals, tools, kpis, evidence, absent, invocations, agent_type, agent_version, model } = line
  const { session_id, started_at, ended_at, duration_seconds, sources, trigger } = line
  return rounded({
    ...{ session_id, agent_type, agent_version, model, started_at, ended_at, duration_seconds, sources, trigger },
    ...{ totals, tools: sortedByName(tools), kpis, evidence, absent, invocations },
  })
}

function sortedByName<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_name, each) => (typeof each === 'number' ? Number(each.toFixed(9)) : each)))
}
