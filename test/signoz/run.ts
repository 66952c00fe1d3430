/** Installs ClickHouse for these tests where it is not there yet, and runs them; says so where it cannot be had. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const folder = import.meta.dirname

if (!works()) {
  // Without a lock file: it would have to name its libraries for every platform, which not every registry has.
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: folder,
    stdio: 'inherit',
  })
  if (status !== 0 || !works()) {
    console.log('SigNoz-shaped store: SKIPPED, chdb (ClickHouse in the process) cannot be installed on this machine')
    process.exit()
  }
}
const vitest = spawnSync('vitest', ['run', '--config', 'vitest.signoz.config.ts', ...process.argv.slice(2)], {
  cwd: new URL('../..', import.meta.url),
  stdio: 'inherit',
})
process.exitCode = vitest.status ?? 1

/** Whether it is installed and runs on this platform: a process of its own tries, as it may crash. */
function works(): boolean {
  try {
    createRequire(import.meta.url).resolve('chdb')
  } catch {
    return false
  }
  const script = "const { Session } = require('chdb'); const s = new Session(); s.query('SELECT 1', 'CSV'); s.cleanup()"
  return spawnSync(process.execPath, ['-e', script], { cwd: folder, stdio: 'ignore' }).status === 0
}
