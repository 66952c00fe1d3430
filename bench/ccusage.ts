import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const VERSION = '20.0.24'

/**
 * The Rust binary of ccusage, from the npm registry, in a cache folder of its own.
 *
 * @returns why not, where it cannot be installed or does not exist for this platform
 */
export async function ccusageBinary(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'agentperf-bench', `ccusage-${VERSION}`)
  const platform = `@ccusage/ccusage-${process.platform}-${process.arch}`
  const path = join(folder, 'node_modules', platform, 'bin', process.platform === 'win32' ? 'ccusage.exe' : 'ccusage')
  try {
    if (!existsSync(path)) {
      await mkdir(folder, { recursive: true })
      await promisify(execFile)('npm', ['install', '--prefix', folder, '--no-audit', `${platform}@${VERSION}`])
    }
    // The package's own starter does the same with its first run.
    if (existsSync(path)) await chmod(path, 0o755)
    return existsSync(path) ? { path } : { missing: `no binary at ${path}` }
  } catch (error) {
    return { missing: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}
