import type { LoadedConfig } from '#src/config/config.ts'
import { ConfigError } from '#src/errors.ts'

/**
 * What makes receivers read only what is there: the assignments for `--set`.
 *
 * @throws ConfigError when a receiver of a pipeline cannot: it listens and never ends
 */
export function onceSets(config: LoadedConfig): readonly string[] {
  const used = new Set(config.pipelines.flatMap(({ receivers }) => receivers))
  const endless = [...used].filter((id) => !follows(config, id))
  if (endless.length > 0) {
    const message = `expected receivers that can end (with the key \`follow\`), got ${endless.join(', ')}`
    throw new ConfigError([{ location: undefined, path: '--once', message }])
  }
  return [...used].map((id) => `receivers.${id}.follow=false`)
}

function follows(config: LoadedConfig, receiver: string): boolean {
  const body = config.receivers.get(receiver)?.config
  return typeof body === 'object' && body !== null && 'follow' in body
}
