import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { acquireLock } from './lock.ts'
import { processSpace } from './process-identity.ts'

const NOW_MS = Date.UTC(2026, 10, 20, 12)
let directory = ''
let path = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-lock-'))
  path = join(directory, 'lock')
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A process of its own that takes the lock, says so, and waits. */
async function lockInChild() {
  const module = join(import.meta.dirname, 'lock.ts')
  const code = `
    const { acquireLock } = await import(${JSON.stringify(module)})
    try { acquireLock(${JSON.stringify(path)}, ${NOW_MS}); console.log('held') }
    catch (error) { console.log(error.name); process.exit() }
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [chunk] = await once(child.stdout, 'data')
  return {
    answer: String(chunk).trim(),
    pid: child.pid,
    async kill() {
      const exited = once(child, 'exit')
      if (child.kill('SIGKILL')) await exited
    },
  }
}

test('a released lock is free again and leaves nothing behind', () => {
  const lock = acquireLock(path, NOW_MS)
  expect(readdirSync(directory)).toEqual(['lock'])
  lock.release()
  lock.release()
  expect(readdirSync(directory)).toEqual([])
  acquireLock(path, NOW_MS).release()
})

test('a lock that a running process holds is refused, with its holder and since when', async () => {
  const child = await lockInChild()
  try {
    expect(child.answer).toBe('held')
    expect(() => acquireLock(path, NOW_MS)).toThrow(EnvironmentError)
    expect(() => acquireLock(path, NOW_MS)).toThrow(`process ${child.pid}, since 2026-11-20T12:00:00.000Z`)
    expect(() => acquireLock(path, NOW_MS)).toThrow('AGENTPERF_HOME')
  } finally {
    await child.kill()
  }
})

test('the lock of a process that was killed is taken over', async () => {
  const child = await lockInChild()
  await child.kill()
  expect(existsSync(path)).toBe(true)
  acquireLock(path, NOW_MS).release()
})

test('of several processes that find a stale lock one gets it', async () => {
  const dead = await lockInChild()
  await dead.kill()
  const children = await Promise.all([lockInChild(), lockInChild(), lockInChild(), lockInChild()])
  await Promise.all(children.map((child) => child.kill()))
  expect(children.map(({ answer }) => answer).sort()).toEqual([
    'EnvironmentError',
    'EnvironmentError',
    'EnvironmentError',
    'held',
  ])
})

test.for<{ name: string; change: (owner: Record<string, unknown>) => unknown; ageSeconds: number; free: boolean }>([
  {
    name: 'its process has another start: the pid was given anew',
    change: (o) => ({ ...o, process_start: 'boot:1' }),
    ageSeconds: 0,
    free: true,
  },
  {
    name: 'another host holds it and touches it',
    change: (o) => ({ ...o, space: 'elsewhere' }),
    ageSeconds: 5,
    free: false,
  },
  {
    name: 'another host has not touched it for long',
    change: (o) => ({ ...o, space: 'elsewhere' }),
    ageSeconds: 60,
    free: true,
  },
  { name: 'it is empty and new: just being written', change: () => undefined, ageSeconds: 0, free: false },
  { name: 'it is empty and old: the power failed', change: () => undefined, ageSeconds: 60, free: true },
])('a lock is free: $free, when $name', ({ change, ageSeconds, free }) => {
  const lock = acquireLock(path, NOW_MS)
  const changed = change(JSON.parse(readFileSync(path, 'utf8')))
  lock.release()
  writeFileSync(path, changed === undefined ? '' : JSON.stringify(changed))
  const touchedAt = new Date(Date.now() - ageSeconds * 1000)
  utimesSync(path, touchedAt, touchedAt)

  if (free) acquireLock(path, NOW_MS).release()
  else expect(() => acquireLock(path, NOW_MS)).toThrow(EnvironmentError)
})

test('releasing does not remove a lock that another process took over', () => {
  const lock = acquireLock(path, NOW_MS)
  const other = { pid: process.pid, space: processSpace(), started_at: '2026-11-20T13:00:00.000Z', token: 'other' }
  writeFileSync(path, JSON.stringify(other))
  lock.release()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(other)
})

test('a directory that cannot be written is an environment error that names it', () => {
  expect(() => acquireLock(join(directory, 'missing', 'lock'), NOW_MS)).toThrow(EnvironmentError)
})
