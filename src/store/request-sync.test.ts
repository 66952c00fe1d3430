import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { RequestFolder } from './request-folder.ts'

interface Synced {
  readonly inode: number
  readonly bytes: number
  /** What the folder held at that moment, when it was the folder. */
  readonly holds: readonly string[]
}

const { synced, watched } = vi.hoisted(() => ({ synced: [] as Synced[], watched: { directory: '' } }))

// Node's own: what it is asked to bring to the disk is written down, and done.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const fsync: typeof fs.fsync = Object.assign(
    (descriptor: number, done: (error: NodeJS.ErrnoException | null) => void) => {
      const opened = fs.fstatSync(descriptor)
      const holds = opened.isDirectory() ? fs.readdirSync(watched.directory) : []
      synced.push({ inode: opened.ino, bytes: opened.size, holds })
      fs.fsync(descriptor, done)
    },
    { __promisify__: fs.fsync.__promisify__ },
  )
  return { ...fs, fsync }
})

test('a request is on the disk as a whole, and in its folder, before it counts as taken', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-requests-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  watched.directory = directory
  const folder = await RequestFolder.open(directory, 1e6)
  const body = Buffer.alloc(100_000)
  const request = { path: '/v1/logs', contentType: 'application/json', items: 1, queuedAt: '2026-02-13T00:00:00.000Z' }
  await folder.append([{ ...request, body }], 1)
  const name = `${folder.oldest()}.request`
  const file = await stat(join(directory, name))
  const { ino } = await stat(directory)
  expect(synced).toEqual([
    { inode: file.ino, bytes: file.size, holds: [] },
    { inode: ino, bytes: expect.any(Number), holds: [name] },
  ])
})
