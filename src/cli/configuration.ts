import type { Registry } from '#src/component.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { readSources } from '#src/config/files.ts'
import { loadConfig } from '#src/config/load.ts'
import type { Io } from './io.ts'
import type { GlobalOptions } from './options.ts'

/**
 * Loads the configuration that a command line names.
 *
 * @throws ConfigError with every problem
 */
export async function loadConfiguration(
  { config, set }: GlobalOptions,
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
  registry?: Registry,
): Promise<LoadedConfig> {
  const sources = await readSources(config, cwd)
  return loadConfig({ sources, sets: set, env }, registry ?? (await allComponents()))
}

/** The component types of this build. */
export async function allComponents(): Promise<Registry> {
  const { components } = await import('#src/components.ts')
  return components
}
