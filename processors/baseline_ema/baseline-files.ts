import { join } from 'node:path'
import type { BaselineSettings } from '#src/baseline/baseline.ts'
import { baselineFile } from '#src/baseline/baseline-file.ts'
import { safeFileName, writeFileAtomic } from '#src/store/atomic-file.ts'
import type { Store } from '#src/store/store.ts'
import type { Config } from './config.ts'

/** How a configuration wants baselines to be computed. */
export function settingsOf({ alpha, bootstrap_sessions }: Config): BaselineSettings {
  return { alpha, bootstrapSessions: bootstrap_sessions }
}

/** @returns the folder of the baseline files */
export function directoryOf({ directory }: Config, store: Pick<Store, 'directory'>): string {
  return directory ?? join(store.directory, 'baselines')
}

/**
 * Keeps what is normal now as `archive/{agent-type}-{time}.json`, before it is learned anew.
 *
 * @param at ISO 8601 in UTC
 */
export async function archiveBaseline(
  config: Config,
  store: Pick<Store, 'directory' | 'history'>,
  agentType: string,
  at: string,
): Promise<void> {
  const history = store.history.of(agentType)
  if (history === undefined) return
  const name = `${safeFileName(agentType)}-${at.slice(0, 19).replace(/[-:]/g, '')}Z.json`
  await writeFileAtomic(join(directoryOf(config, store), 'archive', name), baselineFile(history, settingsOf(config)))
}

/**
 * Writes `{agent-type}.json` from the history, for the agent types named or all. Files that already say the same are left
 * alone.
 *
 * @returns the paths of the files that were written
 * @throws {EnvironmentError} when one cannot be written
 */
export async function writeBaselines(
  config: Config,
  store: Pick<Store, 'directory' | 'history'>,
  agentTypes: Iterable<string> = store.history.agentTypes(),
): Promise<readonly string[]> {
  const settings = settingsOf(config)
  const directory = directoryOf(config, store)
  const written: string[] = []
  for (const agentType of agentTypes) {
    const history = store.history.of(agentType)
    if (history === undefined) continue
    const path = join(directory, `${safeFileName(agentType)}.json`)
    if (await writeFileAtomic(path, baselineFile(history, settings))) written.push(path)
  }
  return written
}
