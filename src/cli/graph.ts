import type { Registry } from '#src/component.ts'
import { renderMermaid } from '#src/graph/mermaid.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { GlobalOptions } from './options.ts'

/** Draws the pipelines as a mermaid flowchart. */
export async function run(options: GlobalOptions, io: Io, registry?: Registry): Promise<number> {
  const config = await loadConfiguration(options, io, registry)
  io.stdout.write(renderMermaid(config))
  return EXIT.fine
}
