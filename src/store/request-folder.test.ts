import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { InvalidDataError } from '../errors.ts'
import { RequestFolder } from './request-folder.ts'
import type { StoredRequest } from './stored-request.ts'

const NOW_MS = Date.UTC(2026, 1, 13)

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-requests-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
})

function request(body: string | Buffer, changes: Partial<StoredRequest> = {}): StoredRequest {
  return {
    path: '/v1/logs',
    contentType: 'application/x-protobuf',
    items: 2,
    queuedAt: '2026-02-13T00:00:00.000Z',
    body: Buffer.from(body),
    ...changes,
  }
}

test('requests come back as they were, oldest first, also from another process', async () => {
  const requests = [
    request('{}\n\n'),
    request(Buffer.from([0, 10, 255]), { contentEncoding: 'gzip' }),
    request('', { refusal: { at: '2026-02-13T00:00:01.000Z', status: 400, message: 'no' } }),
    request('x', { refusal: { at: '2026-02-13T00:00:01.000Z', message: 'no' } }),
  ]
  const folder = await RequestFolder.open(directory, 1e6)
  await folder.append(requests.slice(0, 2), NOW_MS)
  // A clock that was set back.
  await folder.append(requests.slice(2), NOW_MS - 1000)
  const again = await RequestFolder.open(directory, 1e6)
  expect(again.bytes).toBe(folder.bytes)
  expect(await Promise.all(again.ids().map((id) => again.read(id)))).toEqual(requests)
  expect(again.oldest()).toBe(again.ids()[0])
})

test('what waits takes no memory: it is on disk alone', async () => {
  const folder = await RequestFolder.open(directory, 1e6)
  await folder.append([request('1')], NOW_MS)
  const id = folder.oldest() ?? ''
  await writeFile(join(directory, `${id}.request`), '')
  await expect(folder.read(id)).rejects.toThrow(InvalidDataError)
})

test('what is removed is gone, and may be removed twice', async () => {
  const folder = await RequestFolder.open(directory, 1e6)
  await folder.append([request('1'), request('2')], NOW_MS)
  const [id = ''] = folder.ids()
  await folder.remove(id)
  await folder.remove(id)
  expect(folder.count).toBe(1)
  expect(await readdir(directory)).toHaveLength(1)
})

test('the oldest go when there is no room', async () => {
  const folder = await RequestFolder.open(directory, 1000)
  const dropped = [0, 0]
  for (let n = 0; n < 20; n++) {
    const { requests, items } = await folder.append([request(`${n}`)], NOW_MS)
    dropped[0] = (dropped[0] ?? 0) + requests
    dropped[1] = (dropped[1] ?? 0) + items
  }
  expect(folder.bytes).toBeLessThanOrEqual(1000)
  expect(dropped).toEqual([20 - folder.count, 2 * (20 - folder.count)])
  const last = folder.ids().at(-1) ?? ''
  expect((await folder.read(last)).body.toString()).toBe('19')
})

test('what others took out is not counted as dropped when there is no room', async () => {
  const folder = await RequestFolder.open(directory, 1000)
  for (let n = 0; n < 3; n++) await folder.append([request(`${n}`.padEnd(150))], NOW_MS)
  const other = await RequestFolder.open(directory, 1000)
  for (const id of other.ids().slice(0, 2)) await other.remove(id)
  expect(await folder.append([request('3'.padEnd(300))], NOW_MS)).toEqual({ requests: 0, items: 0 })
  expect(folder.count).toBe(2)
})

test('the newest stays, also when it takes more than all may', async () => {
  const folder = await RequestFolder.open(directory, 1000)
  await folder.append([request('1')], NOW_MS)
  expect(await folder.append([request('2'.padEnd(1000))], NOW_MS)).toEqual({ requests: 1, items: 2 })
  expect(folder.count).toBe(1)
})

test('one that is in use stays until it is no more', async () => {
  const folder = await RequestFolder.open(directory, 400)
  await folder.append([request('1')], NOW_MS)
  const id = folder.oldest()
  folder.use(id)
  for (let n = 2; n < 6; n++) await folder.append([request(`${n}`)], NOW_MS)
  expect(folder.oldest()).toBe(id)
  folder.use(undefined)
  await folder.append([request('6')], NOW_MS)
  expect(folder.oldest()).not.toBe(id)
  expect(folder.bytes).toBeLessThanOrEqual(400)
})

test('what a crashed process left unfinished is removed, other files stay', async () => {
  await writeFile(join(directory, '.agentperf-999999999-abc-1.tmp'), 'half')
  await writeFile(join(directory, 'notes.txt'), 'mine')
  const folder = await RequestFolder.open(directory, 1e6)
  expect(folder.count).toBe(0)
  expect(await readdir(directory)).toEqual(['notes.txt'])
})

test('requests are taken in all or none', async () => {
  const folder = await RequestFolder.open(join(directory, 'file', 'queue'), 1e6)
  await writeFile(join(directory, 'file'), 'where the folder belongs')
  await expect(folder.append([request('1'), request('2')], NOW_MS)).rejects.toThrow(/ENOTDIR|EEXIST/)
  expect(folder.count).toBe(0)
  await rm(join(directory, 'file'))
  await folder.append([request('1'), request('2')], NOW_MS)
  expect(folder.count).toBe(2)
})

test.for([
  { name: 'empty', text: '' },
  { name: 'no header', text: 'body' },
  {
    name: 'another schema',
    text: '{"schema":2,"path":"/","content_type":"a","items":1,"queued_at":"x","body_bytes":1}\nx',
  },
  { name: 'cut', text: '{"schema":1,"path":"/","content_type":"a","items":1,"queued_at":"x","body_bytes":9}\nx' },
])('a file that is not whole says so: $name', async ({ text }) => {
  await writeFile(join(directory, '0000000000000001.request'), text)
  const folder = await RequestFolder.open(directory, 1e6)
  await expect(folder.read('0000000000000001')).rejects.toThrow(InvalidDataError)
  await expect(folder.readHeader('0000000000000001')).rejects.toThrow(InvalidDataError)
})

test('what a request is can be told without its body, however long that is', async () => {
  const folder = await RequestFolder.open(directory, 1e6)
  const refusal = { at: '2026-02-13T00:00:01.000Z', status: 400, message: '\u0000'.repeat(300) }
  await folder.append([request('x'.repeat(200_000), { refusal }), request('')], NOW_MS)
  const headers = await Promise.all(folder.ids().map((id) => folder.readHeader(id)))
  const { body: _body, ...header } = request('')
  expect(headers).toEqual([
    { ...header, refusal, bodyBytes: 200_000 },
    { ...header, bodyBytes: 0 },
  ])
})

test('what is gone before it was looked at does not count', async () => {
  await symlink(join(directory, 'nothing'), join(directory, '0000000000000001.request'))
  const folder = await RequestFolder.open(directory, 1e6)
  expect(folder.count).toBe(0)
})

test('nobody else may read what waits', async () => {
  const folder = await RequestFolder.open(directory, 1e6)
  await folder.append([request('1')], NOW_MS)
  expect((await stat(join(directory, `${folder.oldest()}.request`))).mode & 0o077).toBe(0)
})
