/** Bundles the command line into dist/ for publishing: a start loads a few files instead of hundreds. */
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { bundleCommand } from './bundle.ts'

const root = resolve(import.meta.dirname, '..')
const dist = resolve(root, 'dist')
await rm(dist, { recursive: true, force: true })
const built = await bundleCommand(root, dist)
// esbuild has printed them.
if (built.some(({ warnings }) => warnings.length > 0)) process.exitCode = 1
