import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { directoryPatterns, filePatterns, listFiles, mayConcern } from './globs.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-globs-'))
  for (const name of [
    'traces-2026-02-12.jsonl',
    'logs-2026-02-12.jsonl',
    'other.jsonl',
    'notes.txt',
    'literal[1].jsonl',
    'a/x.jsonl',
    'a/deep/y.jsonl',
    'b/z.jsonl.gz',
    '.hidden/h.jsonl',
  ]) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), '')
  }
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function found(include: readonly string[], exclude: readonly string[] = []): Promise<string[]> {
  const inFolder = (pattern: string): string => join(folder, pattern)
  const { paths } = await listFiles(filePatterns(include.map(inFolder), exclude.map(inFolder)))
  return paths.map((path) => relative(folder, path)).toSorted()
}

test.for<[include: string[], exclude: string[], paths: string[]]>([
  [['{traces,evaluations,logs}-*.jsonl'], [], ['logs-2026-02-12.jsonl', 'traces-2026-02-12.jsonl']],
  [['*.jsonl'], ['o*'], ['literal[1].jsonl', 'logs-2026-02-12.jsonl', 'traces-2026-02-12.jsonl']],
  [['*.jsonl'], ['{logs,traces}-*', '*[[]*'], ['other.jsonl']],
  [['{a,b}/**/*.jsonl{,.gz}'], [], ['a/deep/y.jsonl', 'a/x.jsonl', 'b/z.jsonl.gz']],
  [['**/?.jsonl'], ['a/deep/**'], ['a/x.jsonl']],
  [['{a/x,a/deep/{y,no}}.jsonl'], [], ['a/deep/no.jsonl', 'a/deep/y.jsonl', 'a/x.jsonl']],
  [['.hidden/*'], [], ['.hidden/h.jsonl']],
  [['literal[1].jsonl'], [], ['literal[1].jsonl']],
  [['other.jsonl', 'other.jsonl', 'o*'], [], ['other.jsonl']],
  [['nothing/*.jsonl'], [], []],
])('%j without %j finds %j', async ([include, exclude, paths]) => {
  expect(await found(include, exclude)).toEqual(paths)
})

test('~ and relative patterns become absolute', () => {
  expect(filePatterns(['~/x/*.jsonl', 'y/*.jsonl'], ['~/z'])).toEqual({
    include: [join(homedir(), 'x/*.jsonl'), join(process.cwd(), 'y/*.jsonl')],
    exclude: [join(homedir(), 'z')],
  })
  expect(filePatterns(['~x/*.jsonl'], []).include).toEqual([join(process.cwd(), '~x/*.jsonl')])
})

test('the directories are named in which something new could match', async () => {
  const { directories } = await listFiles(filePatterns([join(folder, '**/*.jsonl'), join(folder, 'new/*.jsonl')], []))
  const below = directories.map((directory) => relative(folder, directory)).toSorted()
  expect(below).toEqual(['', 'a', 'a/deep', 'b', 'new'])
})

test('a symbolic link to a file is a file', async () => {
  await symlink(join(folder, 'other.jsonl'), join(folder, 'link.jsonl'))
  expect(await found(['l*k.jsonl'])).toEqual(['link.jsonl'])
})

test.for<[pattern: string, base: string, deeper: string[]]>([
  ['/x/y/*.jsonl', '/x/y', []],
  ['/x/*/y/*.jsonl', '/x', ['/x/*', '/x/*/y']],
  ['/x/**/*.jsonl', '/x', ['/x/**']],
  ['/*.jsonl', '/', []],
])('the directories of %s are %s and %j', ([pattern, base, deeper]) => {
  expect(directoryPatterns(pattern)).toEqual({ base, deeper })
})

test.for<[pattern: string, path: string, concerns: boolean]>([
  ['/x/traces-*.jsonl', '/x/traces-1.jsonl', true],
  ['/x/traces-*.jsonl', '/x/kpis.jsonl.tmp', false],
  ['/x/one.jsonl', '/x/one.jsonl', true],
  ['/x/one.jsonl', '/x/two.jsonl', false],
  ['/x/**/*.jsonl', '/x/new-directory', true],
])('of %s, something new at %s is of concern: %s', ([pattern, path, concerns]) => {
  expect(mayConcern(path, { include: [pattern], exclude: [] })).toBe(concerns)
})
