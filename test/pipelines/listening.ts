import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { NOW_MS, type Run, readLedgerFile, workspace } from './harness.ts'

/** A request to one of the receivers that listen. */
export interface Sent {
  readonly to: 'hooks' | 'logs' | 'metrics' | 'traces'
  readonly body: string
  /** The clock when it comes in; the clock stands where none is given. */
  readonly timeMs?: number
}

/** Processors before those of the default pipeline, by type, with their configuration. */
export type Before = Readonly<Record<string, object>>

/** Runs the default pipeline, sends it requests one after another, and ends all sessions. The conservation law is checked. */
export async function runListening(requests: readonly Sent[], before: Before = {}): Promise<Run> {
  const directory = join(await workspace(), 'state')
  const urls = new Map<string, string>()
  const logged: unknown[] = []
  let timeMs = NOW_MS
  const nowMs = (): number => timeMs
  const store = await openStore({ directory, mode: 'write', nowMs })
  const loggerFor = (component: string): Logger => {
    const log = (fields: Readonly<Record<string, unknown>>, message: string): void => {
      logged.push({ component, fields, message })
      if (typeof fields.url === 'string') urls.set(component, fields.url)
    }
    return { debug: log, info: log, warn: log, error: log }
  }
  const service = new Service({ config: configOf(directory, before), store, nowMs, loggerFor })
  try {
    await service.start()
    for (const { to, body, timeMs: cameMs } of requests) {
      timeMs = cameMs ?? timeMs
      const url = to === 'hooks' ? urls.get('claude_hooks') : `${urls.get('otlp')}/v1/${to}`
      await post(url ?? '', body)
    }
    await untilHandedOn(service, requests.filter(({ to }) => to === 'hooks').length)
    timeMs = NOW_MS
    await service.finish()
  } finally {
    await service.stop()
    await store.close()
  }
  const accounts = service.accounts()
  for (const [component, account] of accounts) {
    if (unaccounted(account) !== 0) throw new Error(`${component} lost items: ${JSON.stringify(account)}`)
  }
  return { ledger: await readLedgerFile(directory), accounts, directory, logged: JSON.stringify(logged) }
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer = await response.text()
  // On a busy machine a session is assessed before the next one starts, which is then warned.
  const isFine = answer === '{}' || answer.startsWith('{"hookSpecificOutput":{"hookEventName":"SessionStart"')
  if (response.status !== 200 || !isFine) throw new Error(`${url} answered ${response.status} ${answer}`)
}

/** Hook events are read after they were answered. */
async function untilHandedOn(service: Service, hooks: number): Promise<void> {
  const accountOf = (id: string) => service.accounts().get(`receiver/${id}`)
  while ((accountOf('claude_hooks')?.received ?? 0) < hooks) await sleep(2)
  while (['otlp', 'claude_hooks'].some((id) => (accountOf(id)?.held ?? 0) > 0)) await sleep(2)
}

function configOf(directory: string, before: Before) {
  const processors = [
    ...Object.keys(before),
    'session_grouping',
    'kpi_aggregation',
    'baseline_ema',
    'alerting',
    'suggestion_rules',
  ]
  const receivers = {
    otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } },
    claude_hooks: { endpoint: '127.0.0.1:0' },
  }
  const exporters = { jsonl: {}, markdown: {} }
  const text = JSON.stringify({
    receivers,
    processors: Object.fromEntries(processors.map((type) => [type, before[type] ?? {}])),
    exporters,
    service: {
      storage: { directory },
      pipelines: {
        sessions: { receivers: Object.keys(receivers), processors, exporters: Object.keys(exporters) },
      },
    },
  })
  return loadConfig({ sources: [{ file: 'test.yaml', text }], sets: [], env: {} }, components)
}
