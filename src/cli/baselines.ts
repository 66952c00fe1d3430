import { join } from 'node:path'
import { archiveBaseline, settingsOf, writeBaselines } from '#processors/baseline_ema/baseline-files.ts'
import { configSchema } from '#processors/baseline_ema/config.ts'
import { type BaselineDocument, baselineDocument } from '#src/baseline/baseline-file.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { openStore } from '#src/store/open-store.ts'
import { baselinesText } from './baselines-text.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { BaselinesOptions } from './options.ts'

/** Without a session for so long a baseline says what was normal, not what is. */
const STALE_AFTER_MS = 7 * 86_400_000

/** Shows what is normal for each agent type, learns it anew, or computes it again from the ledger. */
export async function run(options: BaselinesOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  switch (options.action) {
    case 'show':
      return show(config, options, io)
    case 'reset':
      return reset(config, options.agentType ?? '', io)
    case 'rebuild':
      return rebuild(config, io)
  }
}

async function show(config: LoadedConfig, { agentType, json }: BaselinesOptions, io: Io): Promise<number> {
  const documents = await baselineDocuments(config, io)
  const shown = documents.filter(({ agent_type }) => agentType === undefined || agent_type === agentType)
  const stale = new Set(shown.filter(({ last_updated }) => isStale(last_updated, io.nowMs())))
  if (json) {
    const told = shown.map((document) => ({ ...document, stale: stale.has(document) }))
    io.stdout.write(`${JSON.stringify(told, null, 2)}\n`)
  } else if (shown.length > 0) {
    io.stdout.write(baselinesText(shown, stale, io))
  }
  if (shown.length > 0) return EXIT.fine
  const known = documents.map(({ agent_type }) => agent_type).join(', ')
  const hint = known === '' ? 'no session was assessed yet' : `known: ${known}`
  io.stderr.write(`No baseline${agentType === undefined ? '' : ` of ${agentType}`}; ${hint}.\n`)
  return agentType === undefined ? EXIT.fine : EXIT.finding
}

function isStale(lastUpdated: string | null, nowMs: number): boolean {
  return lastUpdated !== null && Date.parse(lastUpdated) < nowMs - STALE_AFTER_MS
}

async function baselineDocuments(config: LoadedConfig, io: Io): Promise<readonly BaselineDocument[]> {
  const { directory } = config.service.storage
  const store = await openStore({ directory, mode: 'ephemeral', nowMs: io.nowMs })
  try {
    const settings = settingsOf(baselineConfig(config))
    return store.history
      .agentTypes()
      .map((agentType) => store.history.of(agentType))
      .filter((history) => history !== undefined)
      .map((history) => baselineDocument(history, settings))
  } finally {
    await store.close()
  }
}

async function reset(config: LoadedConfig, agentType: string, io: Io): Promise<number> {
  const { directory } = config.service.storage
  const store = await openStore({ directory, mode: 'write', nowMs: io.nowMs })
  try {
    const known = store.history.of(agentType)
    if (known === undefined) {
      io.stderr.write(`No baseline of ${agentType}; known: ${store.history.agentTypes().join(', ') || 'none'}.\n`)
      return EXIT.finding
    }
    const at = new Date(io.nowMs()).toISOString()
    await archiveBaseline(baselineConfig(config), store, agentType, at)
    await store.resetHistory(agentType, at)
    await writeBaselines(baselineConfig(config), store, [agentType])
    io.stdout.write(
      `The baseline of ${agentType} is learned anew: its ${known.sessionCount} sessions so far stay in the ledger and ` +
        'count no longer; what it was is kept in baselines/archive/.\n',
    )
    return EXIT.fine
  } finally {
    await store.close()
  }
}

async function rebuild(config: LoadedConfig, io: Io): Promise<number> {
  const { directory } = config.service.storage
  const store = await openStore({ directory, mode: 'write', ignoreSnapshot: true, nowMs: io.nowMs })
  try {
    const written = await writeBaselines(baselineConfig(config), store)
    const all = store.history.agentTypes().length
    io.stdout.write(`${join(directory, 'baselines')}: ${all} baselines computed, ${written.length} files changed\n`)
    return EXIT.fine
  } finally {
    await store.close()
  }
}

function baselineConfig(config: LoadedConfig): ReturnType<typeof configSchema.parse> {
  const configured = [...config.processors.values()].find(({ type }) => type === 'baseline_ema')
  return configSchema.parse(configured?.config ?? {})
}
