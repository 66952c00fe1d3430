import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OpenFiles } from './open-files.ts'
import { PlainSource } from './plain-source.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-open-'))
  path = join(folder, 'x')
  await writeFile(path, 'content')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('no more than 64 are open; the one used longest ago goes first', () => {
  const files = new OpenFiles()
  for (let index = 0; index < 64; index++) files.add(`${index}`, new PlainSource(path))
  files.get('0')
  files.add('64', new PlainSource(path))
  expect(files.size).toBe(64)
  expect(files.get('0')).toBeDefined()
  expect(files.get('1')).toBeUndefined()
  files.closeAll()
  expect(files.size).toBe(0)
})

test('what is closed is closed', () => {
  const files = new OpenFiles()
  const source = new PlainSource(path)
  files.add('a', source)
  files.close('a')
  expect(() => source.stat()).toThrow(/EBADF/)
  source.close()
  files.close('a')
})
