import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import * as z from 'zod'
import type { Logger, ProcessorFactory, Registry, Signal } from '#src/component.ts'
import { components } from '#src/components.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { loadConfig } from '#src/config/load.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { type ComponentAccount, unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'

export const NOW_MS = Date.UTC(2026, 10, 20, 12)

export interface Run {
  /** The ledger, line by line. */
  readonly ledger: readonly LedgerLine[]
  readonly accounts: ReadonlyMap<string, ComponentAccount>
  readonly directory: string
  /** Everything that was logged, as JSON. */
  readonly logged: string
}

export interface RunInput {
  /** Text by file name, below the input folder; what is in `transcripts/` is read as such. Later runs in the same place add or replace. */
  readonly files: Readonly<Record<string, string | Uint8Array>>
  readonly sets?: readonly string[]
  /** Put a processor that deep-freezes everything between all components. */
  readonly frozen?: boolean
  /** End all sessions at the end of the input (default), or leave running ones open. */
  readonly endAll?: boolean
  readonly nowMs?: number
}

/** A folder with input and state, removed when the test is over. */
export async function workspace(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-pipeline-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Runs the default pipeline once over files, in a fresh place unless one is given. The conservation law is checked. */
export async function runPipeline(input: RunInput, at?: string): Promise<Run> {
  const place = at ?? (await workspace())
  for (const [name, content] of Object.entries(input.files)) {
    const path = join(place, 'input', name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  const directory = join(place, 'state')
  const nowMs = (): number => input.nowMs ?? NOW_MS
  const store = await openStore({ directory, mode: 'write', nowMs })
  const logged: unknown[] = []
  const loggerFor = (component: string): Logger => {
    const log: Logger['info'] = (fields, message) => void logged.push({ component, fields, message })
    return { debug: log, info: log, warn: log, error: log }
  }
  const service = new Service({ config: configOf(place, input), store, nowMs, loggerFor })
  try {
    await service.start()
    await service.inputFinished()
    if (input.endAll ?? true) await service.finish()
  } finally {
    await service.stop()
    await store.close()
  }
  const accounts = service.accounts()
  for (const [component, account] of accounts) {
    if (unaccounted(account) !== 0)
      throw new Error(`${component} lost ${unaccounted(account)} items: ${JSON.stringify(account)}`)
  }
  return { ledger: await readLedgerFile(directory), accounts, directory, logged: JSON.stringify(logged) }
}

/** The only line of a run that must have assessed one session once. */
export function onlyLine({ ledger }: Run): LedgerLine {
  const [line, ...more] = ledger
  if (line === undefined || more.length > 0) throw new Error(`expected one ledger line, got ${ledger.length}`)
  return line
}

export async function readLedgerFile(directory: string): Promise<LedgerLine[]> {
  const text = await readFile(join(directory, 'history', 'kpis.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

function configOf(place: string, { sets = [], frozen = false }: RunInput): LoadedConfig {
  const between = (signal: Signal, name = 'first'): string[] => (frozen ? [`freeze_${signal}/${name}`] : [])
  const processors = [
    ...between('telemetry'),
    'session_grouping',
    ...between('session'),
    'kpi_aggregation',
    ...between('assessment'),
    'baseline_ema',
    ...between('assessment', 'compared'),
    'alerting',
    ...between('assessment', 'judged'),
    'suggestion_rules',
  ]
  const text = JSON.stringify({
    receivers: {
      jsonl_file: {
        include: [join(place, 'input', '**/*.jsonl{,.gz}')],
        exclude: [join(place, 'input/transcripts/**')],
        follow: false,
      },
      transcripts: { include: [join(place, 'input/transcripts/**/*.jsonl')], follow: false },
    },
    processors: Object.fromEntries(processors.map((type) => [type, {}])),
    exporters: { jsonl: {}, markdown: {} },
    service: {
      storage: { directory: join(place, 'state') },
      pipelines: {
        sessions: { receivers: ['jsonl_file', 'transcripts'], processors, exporters: ['jsonl', 'markdown'] },
      },
    },
  })
  return loadConfig({ sources: [{ file: 'test.yaml', text }], sets, env: {} }, [...components, ...FREEZERS])
}

const FREEZERS: Registry = [freezer('telemetry'), freezer('session'), freezer('assessment')]

function freezer<S extends Signal>(signal: S): ProcessorFactory<Record<string, never>, S, S> {
  return {
    kind: 'processor',
    type: `freeze_${signal}`,
    stability: 'development',
    description: 'Freezes all that passes: whoever changes it afterwards fails.',
    consumes: signal,
    produces: signal,
    configSchema: z.strictObject({}),
    create: (_config, _context, next) => ({
      async start() {},
      async stop() {},
      consume: (batch) => next(deepFreeze(batch)),
    }),
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
