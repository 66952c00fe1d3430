import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { MAX_FILE_NAME_BYTES, removeLeftovers, safeFileName, writeFileAtomic } from './atomic-file.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-atomic-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a file is written with its folders, and nothing else is left there', async () => {
  const path = join(directory, 'a', 'b', 'file.json')
  expect(await writeFileAtomic(path, 'é1')).toBe(true)
  expect(await writeFileAtomic(path, Buffer.from('22'))).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('22')
  expect(readdirSync(join(directory, 'a', 'b'))).toEqual(['file.json'])
})

test('an identical file is not touched', async () => {
  const path = join(directory, 'file')
  await writeFileAtomic(path, 'same')
  utimesSync(path, 1, 1)
  expect(await writeFileAtomic(path, 'same')).toBe(false)
  expect(statSync(path).mtimeMs).toBe(1000)
  expect(await writeFileAtomic(path, 'Same')).toBe(true)
})

test('a target that cannot be replaced keeps its content and the error names it', async () => {
  const path = join(directory, 'folder')
  mkdirSync(join(path, 'inside'), { recursive: true })
  await expect(writeFileAtomic(path, 'x')).rejects.toThrow(EnvironmentError)
  await expect(writeFileAtomic(path, 'x')).rejects.toThrow(path)
  expect(readdirSync(directory)).toEqual(['folder'])
})

test('leftovers of dead processes are removed, those of running ones and other files are not', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const names = [
    `.agentperf-${dead}-abc-1.tmp`,
    `.agentperf-${process.pid}-abc-2.tmp`,
    `.agentperf-1-abc-3.tmp`,
    'x.tmp',
  ]
  for (const name of names) writeFileSync(join(directory, name), '')
  expect(await removeLeftovers(directory)).toBe(2)
  expect(readdirSync(directory).sort()).toEqual(['.agentperf-1-abc-3.tmp', 'x.tmp'])
  expect(await removeLeftovers(join(directory, 'missing'))).toBe(0)
})

test.for([
  'code-reviewer',
  'a',
  '_x',
  '0f8c-11.2_b',
  'd1d142a6-51f3-49d3-b283-c00093880453',
  'a'.repeat(MAX_FILE_NAME_BYTES),
])('the name %j stays as it is', (name) => expect(safeFileName(name)).toBe(name))

test.for<[name: string, readable: RegExp]>([
  ['../../x', /^__\.\._x~/],
  ['Explore', /^Explore~/],
  ['', /^_~/],
  ['.', /^_~/],
  ['..', /^_~/],
  ['-rf', /^_rf~/],
  ['name.', /^name\.~/],
  ['🤖🤖', /^_~/],
  ['a/b\\c:d', /^a_b_c_d~/],
  ['a\0b\nc', /^a_b_c~/],
  ['con', /^_con~/],
  ['nul.txt', /^_nul\.txt~/],
  ['COM1', /^_COM1~/],
  ['x'.repeat(300), /^x{109}~/],
  ['plain~1234567890', /^plain_1234567890~/],
])('the name %j becomes safe', ([name, readable]) => {
  const safe = safeFileName(name)
  expect(safe).toMatch(readable)
  expect(safe).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*~[0-9a-f]{10}$/)
  expect(safe.length).toBeLessThanOrEqual(MAX_FILE_NAME_BYTES)
  expect(safeFileName(name)).toBe(safe)
})

test('different names give files that differ even where case is ignored', () => {
  const names = [
    'explore',
    'Explore',
    'EXPLORE',
    'a b',
    'a_b',
    'a/b',
    'a.b',
    '\ud800',
    '\ud801',
    'é',
    'e\u0301',
    '🤖',
    '🦾',
  ]
  const long = ['x'.repeat(300), 'x'.repeat(301), `${'x'.repeat(300)}y`]
  const safe = [...names, ...long, ...names.map(safeFileName)].map((name) => safeFileName(name).toLowerCase())
  const already = names.filter((name) => safeFileName(name) === name).length
  expect(new Set(safe).size).toBe(safe.length - already)
})
