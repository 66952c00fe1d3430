import { stringify } from 'yaml'
import type { Registry } from '#src/component.ts'
import { redacted } from '#src/config/secret.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { PrintConfigOptions } from './options.ts'

/** Prints the configuration after merging and expansion; what came from the environment and secrets are not shown. */
export async function run(options: PrintConfigOptions, io: Io, registry?: Registry): Promise<number> {
  const { effective } = await loadConfiguration(options, io, registry)
  const shown = redacted(effective)
  io.stdout.write(options.json ? `${JSON.stringify(shown, null, 2)}\n` : stringify(shown))
  return EXIT.fine
}
