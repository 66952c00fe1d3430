import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSources } from './files.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-files-'))
  await writeFile(join(folder, 'a.yaml'), '\uFEFFa: 1\n')
  await writeFile(join(folder, 'b.yaml'), 'b: 2\n')
})

afterAll(() => rm(folder, { recursive: true }))

test('files are read in their order, under the names that they were given', async () => {
  const whole = join(folder, 'b.yaml')
  expect(await readSources([whole, 'a.yaml'], folder)).toEqual([
    { file: whole, text: 'b: 2\n' },
    { file: 'a.yaml', text: 'a: 1\n' },
  ])
})

test('every file that cannot be read is named, with what to do', async () => {
  await expect(readSources(['a.yaml', 'none.yaml', '.'], folder)).rejects.toMatchObject({
    name: 'ConfigError',
    message: [
      'none.yaml  (file)  expected a configuration file, got nothing there: check the path, or name another file with --config',
      '.  (file)  expected a configuration file, got a directory: name the file in it',
    ].join('\n'),
  })
})
