import type { LoadedConfig } from '#src/config/config.ts'
import { ConfigError } from '#src/errors.ts'

/** A command that ends does not wait for an exporter for ever: three waits, 3.5 s together. */
export const ONE_SHOT_ATTEMPTS = 4

/** What makes receivers read only what is there: the assignments for `--set`. */
export function onceSets(config: LoadedConfig): readonly string[] {
  return usedReceivers(config)
    .filter((id) => canEnd(config, id))
    .map((id) => `receivers.${id}.follow=false`)
}

/** The receivers of pipelines that listen and never end. */
export function endlessReceivers(config: LoadedConfig): readonly string[] {
  return usedReceivers(config).filter((id) => !canEnd(config, id))
}

/**
 * The configuration without these receivers, and without the pipelines that have no others.
 *
 * @throws ConfigError when no pipeline is left
 */
export function withoutReceivers(config: LoadedConfig, leftOut: readonly string[]): LoadedConfig {
  const pipelines = config.pipelines
    .map((pipeline) => ({ ...pipeline, receivers: pipeline.receivers.filter((id) => !leftOut.includes(id)) }))
    .filter(({ receivers }) => receivers.length > 0)
  if (pipelines.length > 0) return { ...config, pipelines }
  const message = `expected a receiver that can end (with the key \`follow\`), got ${leftOut.join(', ')}`
  throw new ConfigError([{ location: undefined, path: '--once', message }])
}

function usedReceivers({ pipelines }: LoadedConfig): readonly string[] {
  return [...new Set(pipelines.flatMap(({ receivers }) => receivers))]
}

function canEnd(config: LoadedConfig, receiver: string): boolean {
  const body = config.receivers.get(receiver)?.config
  return typeof body === 'object' && body !== null && 'follow' in body
}
