import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Unavailable } from './unavailable.ts'

const run = promisify(execFile)

const NAME = '@anthropic-ai/claude-code'
const VERSION = '2.1.328'
const INSTALL_TIMEOUT_MS = 180_000

/** @returns the client's path, in a cache outside the repository: it is proprietary, and 360 MB */
export async function installClaudeCode(): Promise<string> {
  const cache = resolve(process.env.AGENTPERF_E2E_CACHE ?? join(homedir(), '.cache', 'agentperf-e2e'))
  const folder = join(cache, `claude-code-${VERSION}`)
  const claude = join(folder, 'node_modules', '.bin', 'claude')
  if (await isInstalled(claude)) return claude
  await mkdir(folder, { recursive: true })
  // npm runs the install script of a package only when it is named.
  const manifest = { private: true, dependencies: { [NAME]: VERSION }, allowScripts: { [NAME]: true } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  try {
    await run('npm', ['install', '--no-audit', '--no-fund'], {
      cwd: folder,
      env: cleanEnvironment(),
      timeout: INSTALL_TIMEOUT_MS,
    })
  } catch (error) {
    throw new Unavailable(`npm could not install ${NAME} ${VERSION}: ${reasonOf(error)}`)
  }
  if (!(await isInstalled(claude))) throw new Unavailable(`${NAME} ${VERSION} was installed but does not start here`)
  return claude
}

async function isInstalled(claude: string): Promise<boolean> {
  try {
    const { stdout } = await run(claude, ['--version'], { env: cleanEnvironment() })
    return stdout.startsWith(VERSION)
  } catch {
    return false
  }
}

/** With this Node first in PATH, and nothing that the npm that runs the suite has put into the environment. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([key]) => !/^npm_(?!config_(registry|cafile|cache)$)/i.test(key))
  return { ...Object.fromEntries(own), PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) }
}

/** What npm called the error, or its first line. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('killed' in error && error.killed === true) return `it took longer than ${INSTALL_TIMEOUT_MS / 1000} s`
  const stderr = 'stderr' in error ? String(error.stderr) : error.message
  return /npm error (code .*)/.exec(stderr)?.[1] ?? stderr.trim().split('\n')[0] ?? ''
}
