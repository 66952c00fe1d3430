import { readFileSync } from 'node:fs'
import { components } from '#src/components.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { loadConfig } from '#src/config/load.ts'
import { measured } from './measured.ts'
import { configUpToKpis, readOnce } from './read-once.ts'

/**
 * Reads telemetry files once: up to the KPIs only and with all results dropped, or, when a configuration file is given, with
 * all that is in it.
 */

const [input = '.', directory = '.', configFile] = process.argv.slice(2)
const include = `${input}/*.jsonl`

function wholeConfig(file: string): LoadedConfig {
  const sets = [
    `receivers.jsonl_file.include=${JSON.stringify([include])}`,
    'receivers.jsonl_file.follow=false',
    'service.pipelines.sessions.receivers=[jsonl_file]',
    `service.storage.directory=${directory}`,
  ]
  return loadConfig({ sources: [{ file, text: readFileSync(file, 'utf8') }], sets, env: process.env }, components)
}

await measured(() =>
  configFile === undefined
    ? readOnce({
        config: configUpToKpis('jsonl_file', include, directory),
        receiver: 'jsonl_file',
        mode: 'ephemeral',
        delivery: 'direct',
      })
    : readOnce({ config: wholeConfig(configFile), receiver: 'jsonl_file', mode: 'write', delivery: 'by_cursor' }),
)
