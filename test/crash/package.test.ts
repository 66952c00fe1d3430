import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ledgerOf, remainsOf } from './outputs.ts'

/** What an installed package does, where nothing of the repository is in reach. */

const REPOSITORY = resolve(import.meta.dirname, '../..')
const NO_NETWORK = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH/
const TIMEOUT_MS = 60_000

interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

let folder: string
let samples: string
let offline = false

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-package-'))
  const packed = await command(REPOSITORY, 'npm', ['pack', '--json', '--pack-destination', folder])
  expect(packed.code, packed.stderr).toBe(0)
  expect(packed.stderr).not.toMatch(/warning/i)
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[')))
  const installed = await command(folder, 'npm', ['install', '--no-audit', '--no-fund', join(folder, filename)])
  offline = installed.code !== 0 && NO_NETWORK.test(installed.stderr)
  expect(offline ? 0 : installed.code, installed.stderr).toBe(0)
  samples = join(folder, 'node_modules', 'agentperf', 'samples')
}, 2 * TIMEOUT_MS)

afterAll(() => rm(folder, { recursive: true, force: true }))

beforeEach((context) => {
  if (offline) context.skip('the registry cannot be reached: the installed package was not tested')
})

test('help is shown', async () => {
  const { code, stdout } = await agentperf('--help')
  expect(code).toBe(0)
  expect(stdout).toContain('analyze')
})

test('its configuration is valid, and names a schema that is there', async () => {
  const config = join(folder, 'node_modules', 'agentperf', 'pipelines.yaml')
  const [, schema = ''] = /\$schema=(\S+)/.exec(await readFile(config, 'utf8')) ?? []
  expect(existsSync(resolve(dirname(config), schema))).toBe(true)
  expect((await agentperf('validate')).code).toBe(0)
})

test('sample sessions are analysed, without a word beside the JSON', async () => {
  const { code, stdout } = await agentperf('analyze', join(samples, 'edgar-nadyne'), '--json')
  expect(code).toBe(0)
  const sessions = JSON.parse(stdout)
  expect(sessions).toHaveLength(1)
  expect(sessions[0].kpis.token_efficiency).toBeCloseTo(0.001016, 6)
  expect(await readdir(folder)).not.toContain('home')
})

test('the shipped pipelines run once over files and leave reports, baselines and history', async () => {
  const directory = join(folder, 'state')
  const include = JSON.stringify([join(samples, 'history', '*.jsonl')])
  const sets = [
    `receivers.jsonl_file.include=${include}`,
    `receivers.transcripts.include=${JSON.stringify([join(folder, 'no-transcripts', '*.jsonl')])}`,
    `service.storage.directory=${directory}`,
  ]
  const { code, stderr } = await agentperf('run', '--once', ...sets.flatMap((set) => ['--set', set]))
  expect(code, stderr).toBe(0)
  const sessions = ledgerOf(directory).length
  expect(sessions).toBeGreaterThan(50)
  expect(await readdir(join(directory, 'reports'))).toHaveLength(sessions)
  expect((await readdir(join(directory, 'baselines'))).length).toBeGreaterThan(4)
  expect(remainsOf(directory)).toEqual([])
})

function agentperf(...args: readonly string[]): Promise<Result> {
  return command(folder, 'npx', ['--no-install', 'agentperf', ...args])
}

/** With the Node of this test first in PATH, and nothing that the npm that runs it has put into the environment. */
function command(cwd: string, name: string, args: readonly string[]): Promise<Result> {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const own = Object.entries(process.env).filter(([key]) => !/^npm_(?!config_(registry|cafile|cache)$)/i.test(key))
  const env = { ...Object.fromEntries(own), PATH: path, AGENTPERF_HOME: join(folder, 'home') }
  return new Promise((settle) => {
    execFile(name, args, { cwd, env, maxBuffer: 64 * 1024 * 1024, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1
      settle({ code, stdout, stderr })
    })
  })
}
