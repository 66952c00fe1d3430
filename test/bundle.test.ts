import { isAscii } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundleCommand } from '../scripts/bundle.ts'

const ROOT = resolve(import.meta.dirname, '..')

let folder: string
let kept: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-bundle-'))
  await bundleCommand(ROOT, join(folder, 'dist'))
  for (const name of ['package.json', 'pipelines.yaml']) await copyFile(join(ROOT, name), join(folder, name))
})

beforeEach(async () => {
  kept = join(folder, 'kept')
  await rm(kept, { recursive: true, force: true })
})

afterAll(() => rm(folder, { recursive: true }))

test('the first start keeps compiled code, and the next one uses it', async () => {
  const first = await agentperf(['components', '--json'])
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(first.out)).toContainEqual(expect.objectContaining({ type: 'jsonl_file' }))
  const { ino } = await keptFor('components')
  expect(await agentperf(['components', '--json'])).toEqual(first)
  expect((await keptFor('components')).ino).toBe(ino)
})

test('the program is ASCII, as it is read', async () => {
  const names = (await readdir(join(folder, 'dist'))).filter((name) => name.endsWith('.cjs'))
  expect(names).toHaveLength(1)
  for (const name of names) expect(isAscii(await readFile(join(folder, 'dist', name)))).toBe(true)
})

test('code that a running process kept fits the next one', async () => {
  expect(await agentperf(runArgs(), 'Everything is ready')).toMatchObject({ code: 0 })
  const { ino } = await keptFor('run')
  expect(await agentperf(runArgs(), 'Everything is ready')).toMatchObject({ code: 0 })
  expect((await keptFor('run')).ino).toBe(ino)
})

test("agentperf's own metrics are sent", async () => {
  const paths: (string | undefined)[] = []
  const sink = createServer((request, response) => {
    paths.push(request.url)
    request.resume().on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  try {
    await once(sink, 'listening')
    const address = sink.address()
    if (address === null || typeof address === 'string') throw new Error('expected a port')
    const endpoint = `service.telemetry.metrics.endpoint=http://127.0.0.1:${address.port}`
    expect(await agentperf([...runArgs(), '--set', endpoint], 'Everything is ready')).toMatchObject({ code: 0 })
    expect(paths).toContain('/v1/metrics')
  } finally {
    sink.close()
  }
})

test('torn code is made anew', async () => {
  const first = await agentperf(['graph'])
  const { path, size } = await keptFor('graph')
  await truncate(path, size / 2)
  expect(await agentperf(['graph'])).toEqual(first)
  expect((await keptFor('graph')).size).toBeGreaterThan(size / 2)
})

test('code that others can write to is not believed', async () => {
  const first = await agentperf(['graph'])
  const { path } = await keptFor('graph')
  await chmod(path, 0o666)
  expect(await agentperf(['graph'])).toEqual(first)
  const { mode } = await stat(path)
  expect(mode & 0o777).toBe(0o600)
})

test('all goes on where nothing can be kept', async () => {
  await writeFile(kept, '')
  expect(await agentperf(['graph'])).toMatchObject({ code: 0, err: '', out: expect.stringContaining('flowchart') })
})

test.for<[argv: string[], code: number, text: string]>([
  [['--help'], 0, 'Usage: '],
  [['atc'], 2, "unknown command 'atc'"],
  [['validate', '--set', 'receivers.jsonl_file.inclde=x'], 2, 'did you mean include'],
  [['validate', '--config', 'missing.yaml'], 2, 'missing.yaml'],
])('%j ends with %i', async ([argv, code, text]) => {
  const result = await agentperf(argv)
  expect(result.code).toBe(code)
  expect(result.out + result.err).toContain(text)
})

function runArgs(): readonly string[] {
  const none = JSON.stringify([join(folder, 'none-*.jsonl')])
  const endpoints = ['service.admin', 'receivers.otlp.protocols.http', 'receivers.otlp.protocols.grpc']
  const sets = [
    ...[...endpoints, 'receivers.claude_hooks'].map((path) => `${path}.endpoint=127.0.0.1:0`),
    ...[`receivers.jsonl_file.include=${none}`, `receivers.transcripts.include=${none}`],
    `service.storage.directory=${join(folder, 'state')}`,
  ]
  return ['run', ...sets.flatMap((set) => ['--set', set])]
}

/** @param last it is stopped when it has said this */
async function agentperf(argv: readonly string[], last?: string): Promise<{ code: number; out: string; err: string }> {
  await mkdir(join(folder, 'state'), { recursive: true })
  const env = { ...process.env, NODE_COMPILE_CACHE: kept, AGENTPERF_HOME: join(folder, 'state') }
  const child = spawn(process.execPath, [join(folder, 'dist', 'agentperf.mjs'), ...argv], { cwd: folder, env })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    // A second signal would not wait.
    if (last !== undefined && err.includes(last) && !child.killed) child.kill('SIGTERM')
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

async function keptFor(use: string): Promise<{ path: string; ino: number; size: number }> {
  const names = await readdir(kept, { recursive: true })
  const found = names.filter((name) => name.endsWith(`-${use}`))
  expect(found).toHaveLength(1)
  const path = join(kept, found[0] ?? '')
  const { ino, size } = await stat(path)
  return { path, ino, size }
}
