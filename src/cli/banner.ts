import { join } from 'node:path'
import type { LoadedConfig } from '#src/config/config.ts'
import { endpointsOf, filesOf } from './receiver-inputs.ts'

/**
 * What `run` shows when all has started: where telemetry comes in, where results go, and what to do next.
 *
 * @param directory where the ledger and what follows from it are
 * @param admin where the admin server is, as `http://127.0.0.1:13133`
 * @param name how the user calls agentperf
 */
export function bannerText(config: LoadedConfig, directory: string, admin: string | undefined, name: string): string {
  const receivers = [...new Set(config.pipelines.flatMap((pipeline) => pipeline.receivers))]
  const rows = [
    ...receivers.flatMap((id) => inputRows(id, config.receivers.get(id)?.config)),
    ['writes', `${join(directory, 'history', 'kpis.jsonl')}, baselines/, reports/, sessions/`],
    ...(admin === undefined ? [] : [['serves', `${admin}/healthz, /status and /metrics`]]),
    ['next', `${name} sessions (or report <session>, doctor, demo, --help)`],
    ['stop', 'Ctrl-C: open sessions are saved'],
  ]
  return `agentperf\n${rows.map(([what = '', text = '']) => `  ${what.padEnd(9)}${text}\n`).join('')}`
}

function inputRows(id: string, receiverConfig: unknown): readonly string[][] {
  const files = filesOf(receiverConfig)?.include.map((pattern) => ['reads', pattern]) ?? []
  const endpoints = endpointsOf(receiverConfig).map((place) => ['listens', `${place} (${id})`])
  return [...files, ...endpoints]
}
