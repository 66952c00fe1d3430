import { mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askWriter, type CommandRequest } from '../store/command-requests.ts'
import { RequestWatch } from './request-watch.ts'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }
const ID = '00000000-0000-4000-8000-000000000000'

let directory: string
let folder: string
let watch: RequestWatch
const performed: CommandRequest[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-requests-'))
  folder = join(directory, 'requests')
  performed.length = 0
  watch = new RequestWatch({
    folder,
    log: QUIET,
    nowMs: Date.now,
    async perform(request) {
      performed.push(request)
      if (request.change === 'fail') throw new Error('disk full')
      return { exitCode: 0, out: `${request.change} done\n`, err: '' }
    },
  })
})

afterEach(async () => {
  await watch.stop()
  await rm(directory, { recursive: true })
})

test('what is asked is done once, and its answer leaves nothing behind', async () => {
  watch.start()
  const asked = ['ack', 'enable'].map((change) => askWriter(folder, { change, options: { agentType: '../../x' } }))
  expect((await Promise.all(asked)).map((answer) => typeof answer === 'object' && answer.out)).toEqual([
    'ack done\n',
    'enable done\n',
  ])
  expect(performed.map(({ change }) => change).toSorted()).toEqual(['ack', 'enable'])
  expect(await readdir(folder)).toEqual([])
  expect((await stat(folder)).mode & 0o077).toBe(0)
})

test('what fails is answered, and the next request is taken', async () => {
  watch.start()
  const failed = await askWriter(folder, { change: 'fail', options: {} })
  expect(failed).toEqual({ exitCode: 3, out: '', err: 'agentperf: disk full\n' })
  expect(await askWriter(folder, { change: 'ack', options: {} })).toMatchObject({ exitCode: 0 })
})

test('where nobody takes it, it is taken back', async () => {
  const answer = await askWriter(folder, { change: 'ack', options: {} }, { takenWithinMs: 60 })
  expect(answer).toBe('not_taken')
  expect(await readdir(folder)).toEqual([])
})

test('files of others, old requests and what is no request are not performed', async () => {
  await askWriter(folder, { change: 'ack', options: {} }, { takenWithinMs: 1 })
  await writeFile(join(folder, 'notes.txt'), 'mine')
  const stale = join(folder, `1${ID.slice(1)}.request.json`)
  await writeFile(stale, JSON.stringify({ change: 'ack', options: {} }))
  await utimes(stale, 1, 1)
  await writeFile(join(folder, `2${ID.slice(1)}.request.json`), '{ torn')
  await writeFile(join(directory, 'elsewhere.json'), JSON.stringify({ change: 'ack', options: {} }))
  await symlink(join(directory, 'elsewhere.json'), join(folder, `3${ID.slice(1)}.request.json`))
  watch.start()
  await expect
    .poll(async () => (await readdir(folder)).toSorted())
    .toEqual([`2${ID.slice(1)}.answer.json`, `3${ID.slice(1)}.answer.json`, 'notes.txt'])
  expect(performed).toEqual([])
})
