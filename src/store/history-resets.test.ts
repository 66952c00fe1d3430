import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import type { Assessment } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { openStore } from './open-store.ts'

const NOW_MS = Date.UTC(2026, 10, 20, 12)

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-resets-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const open = (ignoreSnapshot = false) => openStore({ directory, mode: 'write', nowMs: () => NOW_MS, ignoreSnapshot })

const assessment = (id: string, agent = 'a'): Assessment => ({
  live: false,
  line: ledgerLine({ session_id: id, agent_type: agent, kpis: { error_rate: 0.5 } }),
})

test('after a reset a baseline begins anew, also after a restart and from the ledger alone', async () => {
  const store = await open()
  await store.commit([assessment('x'), assessment('y', 'b')])
  await store.resetHistory('a', '2026-11-20T12:00:00.000Z')
  expect(store.history.of('a')).toEqual({ agentType: 'a', sessionCount: 0, window: [] })
  await store.commit([assessment('z')])
  await store.close()
  for (const ignoreSnapshot of [false, true]) {
    const again = await open(ignoreSnapshot)
    expect(again.history.of('a')?.window.map(({ sessionId }) => sessionId)).toEqual(['z'])
    expect([again.history.of('b')?.sessionCount, again.history.before('a', 'z')]).toEqual([1, undefined])
    expect(again.history.standing(assessment('z').line).error_rate?.count).toBe(3)
    await again.close()
  }
})

test('resets of sessions that the ledger lost do not count, and are reported once', async () => {
  const store = await open()
  await store.commit([assessment('x'), assessment('y')])
  await store.resetHistory('a', '2026-11-20T12:00:00.000Z')
  await store.close()
  rmSync(join(directory, 'history', 'kpis.jsonl'))
  const again = await open()
  expect(again.report.join()).toContain('1 baseline resets')
  await again.commit([assessment('x'), assessment('y'), assessment('z')])
  await again.close()
  const last = await open()
  expect([last.report, last.history.of('a')?.sessionCount]).toEqual([[], 3])
  await last.close()
})

test.for<[string, string]>([
  ['something else', 'nonsense'],
  ['schema 2', '{"schema":2,"at":"2026-11-20T12:00:00.000Z","agent_type":"a","first_place":0}'],
])('a line of resets with %s is refused with its place', async ([found, text]) => {
  mkdirSync(join(directory, 'history'))
  writeFileSync(join(directory, 'history', 'resets.jsonl'), `${text}\n`)
  await expect(open()).rejects.toThrow(EnvironmentError)
  await expect(open()).rejects.toThrow(`resets.jsonl:1: expected a reset of schema 1, found ${found}`)
})
