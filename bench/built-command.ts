import { copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { bundleCommand } from '../scripts/bundle.ts'

/** Builds the bundle as `npm run build` does, beside its package's files, as it is installed. @returns its command */
export async function builtCommand(path: string): Promise<string> {
  const root = resolve(import.meta.dirname, '..')
  const entry = join(path, 'package', 'dist', 'agentperf.mjs')
  await bundleCommand(root, join(path, 'package', 'dist'))
  for (const name of ['package.json', 'pipelines.yaml']) await copyFile(join(root, name), join(path, 'package', name))
  return entry
}
