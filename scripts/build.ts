/** Bundles the command line into dist/ for publishing: a start loads a few files instead of hundreds. */
import { rm } from 'node:fs/promises'
import { bundle } from './bundle.ts'

await rm('dist', { recursive: true, force: true })
const { warnings } = await bundle({ agentperf: 'src/main.ts' }, 'dist')
// esbuild has printed them.
if (warnings.length > 0) process.exitCode = 1
