import type { Registry } from '#src/component.ts'
import { formatIssue } from '#src/errors.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { GlobalOptions } from './options.ts'

/** Checks the configuration and starts nothing. Problems are thrown as one ConfigError. */
export async function run(options: GlobalOptions, io: Io, registry?: Registry): Promise<number> {
  const { pipelines, receivers, processors, exporters, warnings } = await loadConfiguration(options, io, registry)
  for (const warning of warnings) io.stderr.write(`${formatIssue(warning)}\n`)
  const componentCount = receivers.size + processors.size + exporters.size
  const counts = `${count(pipelines.length, 'pipeline')}, ${count(componentCount, 'component')}`
  io.stdout.write(`${options.config.join(', ')}: fine (${counts})\n`)
  return EXIT.fine
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
