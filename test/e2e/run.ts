import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { installClaudeCode } from './install.ts'
import { isolation } from './isolation.ts'
import { Unavailable } from './unavailable.ts'

/** `npm run test:e2e`: brings the real client, and runs the suite where nothing but loopback can be reached. */

const REPOSITORY = resolve(import.meta.dirname, '../..')
const SUITE = ['run', '--config', resolve(REPOSITORY, 'vitest.e2e.config.ts')]

process.exitCode = await endToEnd(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof Unavailable)) throw error
  console.log(`SKIPPED: the end-to-end suite did not run: ${error.message}`)
  return 0
})

/** @returns the suite's exit code */
async function endToEnd(args: readonly string[]): Promise<number> {
  const prefix = await isolation()
  const claude = await installClaudeCode()
  console.log(`Claude Code: ${claude}`)
  const vitest = resolve(REPOSITORY, 'node_modules/vitest/vitest.mjs')
  const [command = '', ...rest] = [...prefix, process.execPath, vitest, ...SUITE, ...args]
  const env = { ...process.env, AGENTPERF_E2E_CLAUDE: claude }
  const suite = spawn(command, rest, { cwd: REPOSITORY, env, stdio: 'inherit' })
  const [code] = await once(suite, 'close')
  return code ?? 1
}
