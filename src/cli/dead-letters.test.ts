import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'
import { deadLettersIn, readLetter } from './dead-letters.ts'

test('one that is dropped meanwhile is gone, and removing it again changes nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-letters-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const written = await RequestFolder.open(join(layoutOf(directory).deadLetters, 'otlp'), 1e6)
  const request = { path: '/v1/logs', contentType: 'application/json', items: 1, queuedAt: '', body: Buffer.from('1') }
  await written.append([request, request], Date.UTC(2026, 1, 14))
  const [first, second] = await deadLettersIn(directory)
  if (first === undefined || second === undefined) throw new Error('expected two')
  await written.remove(first.id)
  expect(await readLetter(() => first.folder.read(first.id))).toEqual({ kind: 'gone' })
  expect(await readLetter(() => first.folder.readHeader(first.id))).toEqual({ kind: 'gone' })
  await first.folder.remove(first.id)
  expect(await readLetter(() => second.folder.read(second.id))).toMatchObject({ kind: 'read', content: request })
})

test('a mistake of ours is no damaged letter', async () => {
  const mistake = new TypeError('x is undefined')
  await expect(readLetter(() => Promise.reject(mistake))).rejects.toBe(mistake)
})
