import { glob, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listTree, treeOf } from './tree.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-tree-'))
  for (const name of [
    'x.jsonl',
    'xx.jsonl',
    '.x.jsonl',
    'x.jsonl.gz',
    'xjsonl',
    'a/rollout-1.jsonl',
    'a/b/rollout-2+$.jsonl',
    'a/.hidden/x.jsonl',
    'folder.jsonl/x.jsonl',
    'a/ü.jsonl',
  ]) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), '')
  }
  await symlink(join(folder, 'a'), join(folder, 'link'))
  await symlink(join(folder, 'x.jsonl'), join(folder, 'link.jsonl'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

const NAMES = ['*.jsonl', '?.jsonl', 'rollout-*.jsonl', 'x.jsonl', '*', '.x*', '*2+$*', 'no*']

test.for(['**', 'a/**', '', 'a', 'missing'].flatMap((directory) => NAMES.map((name) => join(directory, name))))(
  '%s finds what the general way finds',
  async (inside) => {
    const pattern = join(folder, inside)
    const tree = treeOf(pattern)
    if (tree === undefined) throw new Error(`expected a tree, got none for ${pattern}`)
    const { paths } = await listTree(tree)
    const general: string[] = []
    for await (const path of glob(pattern)) general.push(path)
    const named = (all: readonly string[]): string[] => all.map((path) => relative(folder, path)).toSorted()
    expect(named(paths)).toEqual(named(general))
  },
)

test('names all directories but hidden ones', async () => {
  const { directories } = await listTree({ base: folder, name: /x/, isDeep: true })
  expect(directories.map((directory) => relative(folder, directory)).toSorted()).toEqual([
    '',
    'a',
    'a/b',
    'folder.jsonl',
  ])
})

test('one directory alone is no tree', async () => {
  const { directories } = await listTree({ base: folder, name: /x/, isDeep: false })
  expect(directories).toEqual([folder])
})

test('a directory that is not there has nothing', async () => {
  const base = join(folder, 'nothing')
  expect(await listTree({ base, name: /x/, isDeep: true })).toEqual({ paths: [], directories: [base] })
})

test.for([
  '/x/*/*.jsonl',
  '/x/*/**/*.jsonl',
  '/x/[ab].jsonl',
  '/x/**/[ab].jsonl',
  '/x/**/y/*.jsonl',
  '/x/**',
  '/x/**/{a,b}.jsonl',
])('%s is left to the general way', (pattern) => {
  expect(treeOf(pattern)).toBeUndefined()
})
