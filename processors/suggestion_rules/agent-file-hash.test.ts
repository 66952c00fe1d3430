import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AgentFileHashes } from './agent-file-hash.ts'

const LATER_MS = Date.now() + 3_600_000

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-agent-files-'))
  path = join(directory, 'coder.md')
})

afterEach(() => rmSync(directory, { recursive: true }))

test('another content is another hash, the same one the same', () => {
  const hashes = new AgentFileHashes(directory)
  writeFileSync(path, 'one')
  const first = hashes.of('coder', LATER_MS)
  expect(first).toMatch(/^[0-9a-f]{16}$/)
  expect(hashes.of('coder', LATER_MS)).toBe(first)
  writeFileSync(path, 'another')
  expect(hashes.of('coder', LATER_MS)).not.toBe(first)
  writeFileSync(path, 'one')
  expect(new AgentFileHashes(directory).of('coder', LATER_MS)).toBe(first)
})

test('what was changed after the start of a session is not known of it, whatever its time says', () => {
  const startedMs = Date.now() - 3_600_000
  writeFileSync(path, 'one')
  utimesSync(path, new Date(0), new Date(0))
  expect(new AgentFileHashes(directory).of('coder', startedMs)).toBeUndefined()
})

test.for<[name: string, agentType: string]>([
  ['an agent without a file', 'tester'],
  ['a name that leads out of the folder', '../coder'],
  ['a folder', 'folder'],
  ['a file that is too large', 'large'],
  ['a name of 300 characters', 'x'.repeat(300)],
  ['a name with a zero', 'coder\0'],
])('%s has none', ([, agentType]) => {
  writeFileSync(path, 'one')
  mkdirSync(join(directory, 'folder.md'))
  writeFileSync(join(directory, 'large.md'), Buffer.alloc(2 * 1024 * 1024))
  expect(new AgentFileHashes(join(directory)).of(agentType, LATER_MS)).toBeUndefined()
})

test('without a folder there is nothing to look at', () => {
  expect(new AgentFileHashes(undefined).of('coder', LATER_MS)).toBeUndefined()
})
