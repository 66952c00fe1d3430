import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'
import type { StoredRequest } from '#src/store/stored-request.ts'
import { memoryIo } from './memory-io.fixture.ts'
import { runProgram } from './program.ts'

const root = pathToFileURL(`${resolve(import.meta.dirname, '../..')}/`)
const NOW_MS = Date.UTC(2026, 1, 14)

let directory: string
let ingester: FakeIngester

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-dead-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  ingester = await new FakeIngester().start()
})

async function deadLetter(action: string, ...args: string[]) {
  const env = { HOME: directory, AGENTPERF_HOME: directory, SIGNOZ_OTLP_ENDPOINT: ingester.url }
  const io = memoryIo({ env, cwd: directory, nowMs: () => NOW_MS })
  const code = await runProgram({ argv: ['dead-letter', action, ...args], io, packageRoot: root })
  return { code, out: io.written.out, err: io.written.err }
}

/** @returns their ids */
async function refused(...bodies: readonly (string | Partial<StoredRequest>)[]): Promise<readonly string[]> {
  return refusedOf('signoz', ...bodies)
}

async function refusedOf(
  exporter: string,
  ...bodies: readonly (string | Partial<StoredRequest>)[]
): Promise<readonly string[]> {
  const folder = await RequestFolder.open(join(layoutOf(directory).deadLetters, exporter), 1e6)
  const requests = bodies.map((body) => ({
    path: '/v1/metrics',
    contentType: 'application/json',
    items: 4,
    queuedAt: '2026-02-13T10:00:00.000Z',
    refusal: { at: '2026-02-13T11:00:00.000Z', status: 400, message: 'unknown point' },
    body: Buffer.from(typeof body === 'string' ? body : ''),
    ...(typeof body === 'object' && body),
  }))
  await folder.append(requests, NOW_MS)
  return folder.ids()
}

test('nothing was refused', async () => {
  expect(await deadLetter('list')).toEqual({ code: 0, out: 'No dead letters.\n', err: '' })
  expect(await deadLetter('replay')).toEqual({ code: 0, out: '0 of 0 delivered\n', err: '' })
})

test('list tells what was refused, when and why', async () => {
  const [id = ''] = await refused('{}')
  const { code, out } = await deadLetter('list')
  expect(code).toBe(1)
  expect(out).toMatch(new RegExp(`${id} +signoz +/v1/metrics .*400 +unknown point`))
  expect(JSON.parse((await deadLetter('list', '--json')).out)).toEqual([
    {
      id,
      exporter: 'signoz',
      path: '/v1/metrics',
      items: 4,
      bytes: 2,
      queued_at: '2026-02-13T10:00:00.000Z',
      refused_at: '2026-02-13T11:00:00.000Z',
      status: 400,
      message: 'unknown point',
    },
  ])
})

test('show prints the request: JSON also when it was compressed, protobuf in base64', async () => {
  const [plain = '', compressed = '', protobuf = ''] = await refused(
    '{"a":1}',
    { contentEncoding: 'gzip', body: gzipSync('{"a":2}') },
    { contentType: 'application/x-protobuf', body: Buffer.from([10, 0]) },
  )
  expect((await deadLetter('show', plain)).out).toBe('{"a":1}\n')
  expect((await deadLetter('show', compressed)).out).toBe('{"a":2}\n')
  expect((await deadLetter('show', protobuf)).out).toBe('CgA=\n')
})

test('replay sends them again and keeps what is refused again', async () => {
  const [, second = ''] = await refused('1', '2', '3')
  ingester.behaviours.push({ status: 200 }, { status: 400 }, { status: 200 })
  expect(await deadLetter('replay')).toEqual({
    code: 1,
    out: '2 of 3 delivered\n',
    err: `${second}: refused again (400)\n`,
  })
  expect(ingester.seen.map(({ body }) => body.toString())).toEqual(['1', '2', '3'])
  expect(JSON.parse((await deadLetter('list', '--json')).out)).toMatchObject([{ id: second }])
  expect(await deadLetter('replay', second)).toMatchObject({ code: 0, out: '1 of 1 delivered\n' })
})

test('replay keeps everything when nobody answers', async () => {
  await refused('1', '2')
  await ingester.stop()
  expect(await deadLetter('replay')).toMatchObject({ code: 3, out: '0 of 2 delivered\n' })
  expect(JSON.parse((await deadLetter('list', '--json')).out)).toHaveLength(2)
})

test('drop removes one, or all when it is told so', async () => {
  const [first = ''] = await refused('1', '2', '3')
  expect(await deadLetter('drop')).toMatchObject({ code: 2, err: 'Say which: an id, or --all.\n' })
  expect(await deadLetter('drop', first)).toMatchObject({ code: 0, out: '1 dropped\n' })
  expect(await deadLetter('drop', '--all')).toMatchObject({ code: 0, out: '2 dropped\n' })
  expect(await deadLetter('drop', first)).toMatchObject({
    code: 1,
    err: expect.stringContaining(`No dead letter ${first}`),
  })
})

const pathOf = (id: string) => join(layoutOf(directory).deadLetters, 'signoz', `${id}.request`)

test('a damaged one is listed as unreadable, hinders no other, and can be dropped', async () => {
  const [empty = '', whole = '', cut = ''] = await refused('1', '2', '3')
  await writeFile(pathOf(empty), '')
  const [header = ''] = (await readFile(pathOf(cut), 'utf8')).split('\n')
  await writeFile(pathOf(cut), `${header}\n`)
  const { code, out } = await deadLetter('list')
  expect(code).toBe(1)
  expect(out).toMatch(new RegExp(`${empty} +signoz .*unreadable: Expected`))
  expect(out).toMatch(new RegExp(`${whole} +signoz +/v1/metrics`))
  expect(JSON.parse((await deadLetter('list', '--json')).out)).toMatchObject([
    { id: empty, exporter: 'signoz', bytes: 0, unreadable: expect.stringContaining('without its header') },
    { id: whole, path: '/v1/metrics' },
    { id: cut, unreadable: expect.stringContaining('Expected a body of 1 bytes, got 0') },
  ])
  expect(await deadLetter('show', empty)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(`${empty}: unreadable: Expected`),
  })
  expect((await deadLetter('show', whole)).out).toBe('2\n')
  expect(await deadLetter('replay')).toMatchObject({
    code: 1,
    out: '1 of 3 delivered\n',
    err: expect.stringMatching(new RegExp(`${empty}: unreadable.*\n.*${cut}: unreadable`)),
  })
  expect(await deadLetter('drop', empty)).toMatchObject({ code: 0, out: '1 dropped\n' })
  expect(await deadLetter('drop', '--all')).toMatchObject({ code: 0, out: '1 dropped\n' })
  expect(await deadLetter('list')).toMatchObject({ code: 0 })
})

test('what is not as it was compressed is unreadable, too', async () => {
  const [id = ''] = await refused({ contentEncoding: 'gzip', body: Buffer.from('no gzip') })
  expect(await deadLetter('show', id)).toMatchObject({ code: 1, err: expect.stringContaining(`${id}: unreadable`) })
})

test('a file among the folders of exporters is nobody’s', async () => {
  await refused('1')
  await writeFile(join(layoutOf(directory).deadLetters, 'notes.txt'), 'mine')
  expect(JSON.parse((await deadLetter('list', '--json')).out)).toHaveLength(1)
})

test('an id that two exporters have takes the exporter’s name', async () => {
  const [id = ''] = await refused('1')
  expect(await refusedOf('otlp', '2')).toEqual([id])
  for (const action of ['show', 'replay', 'drop']) {
    expect(await deadLetter(action, id)).toEqual({
      code: 2,
      out: '',
      err: `There are 2 dead letters ${id}. Say which: otlp/${id}, signoz/${id}.\n`,
    })
  }
  expect((await deadLetter('show', `otlp/${id}`)).out).toBe('2\n')
  expect(await deadLetter('drop', `otlp/${id}`)).toMatchObject({ code: 0, out: '1 dropped\n' })
  expect(JSON.parse((await deadLetter('list', '--json')).out)).toMatchObject([{ id, exporter: 'signoz' }])
  expect(await deadLetter('drop', `otlp/${id}`)).toMatchObject({ code: 1 })
})

test('the folder of an exporter with a name is found by its id, too', async () => {
  const [id = ''] = await refusedOf(safeFileName('signoz/eu'), '1')
  expect((await deadLetter('show', `signoz/eu/${id}`)).out).toBe('1\n')
})

test.for<{ name: string; rejected: number; code: number; out: string; says: string; kept: number }>([
  { name: 'all', rejected: 4, code: 1, out: '0 of 1 delivered\n', says: 'all 4 items were rejected: no', kept: 1 },
  { name: 'some', rejected: 3, code: 1, out: '1 of 1 delivered\n', says: '3 of 4 items were rejected: no', kept: 0 },
  { name: 'none', rejected: 0, code: 0, out: '1 of 1 delivered\n', says: '', kept: 0 },
])('replay says what was rejected, and keeps what nobody took: $name', async ({ rejected, code, out, says, kept }) => {
  const [id = ''] = await refused('1')
  const body = JSON.stringify({ partialSuccess: { rejectedDataPoints: `${rejected}`, errorMessage: 'no\u001b[2J' } })
  ingester.behaviours.push({ status: 200, headers: { 'content-type': 'application/json' }, body })
  const replayed = await deadLetter('replay')
  expect(replayed).toMatchObject({ code, out })
  expect(replayed.err).toBe(says === '' ? '' : `${id}: ${says} [2J\n`)
  expect(JSON.parse((await deadLetter('list', '--json')).out)).toHaveLength(kept)
})

test('agentperf’s own metrics are sent again to where they go', async () => {
  await refusedOf('service.telemetry.metrics', '{"resourceMetrics":[]}')
  const off = ['--set', 'service.telemetry.metrics.endpoint=']
  expect(await deadLetter('replay', ...off)).toMatchObject({ code: 1, err: expect.stringContaining('it is off') })
  expect(await deadLetter('replay')).toEqual({ code: 0, out: '1 of 1 delivered\n', err: '' })
  expect(ingester.seen.map(({ path, body }) => [path, body.toString()])).toEqual([
    ['/v1/metrics', '{"resourceMetrics":[]}'],
  ])
})
