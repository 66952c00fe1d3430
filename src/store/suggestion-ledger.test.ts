import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import type { SuggestionEvent } from '#src/model/suggestion.ts'
import { eventOf } from '#src/suggestion/suggestion-event.fixture.ts'
import { openStore } from './open-store.ts'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-suggestions-'))
  path = join(directory, 'history', 'suggestions.jsonl')
})

afterEach(() => rmSync(directory, { recursive: true }))

const open = (mode: 'write' | 'ephemeral' = 'write') => openStore({ directory, mode, nowMs: () => 0 })
const TRIED = (['proposed', 'activated', 'assigned', 'injected'] as const).map(eventOf)

async function write(events: readonly SuggestionEvent[]): Promise<void> {
  const store = await open()
  await store.suggestions.append(events)
  await store.close()
}

test('lives and assignments are the same after a restart', async () => {
  const store = await open()
  expect(await store.suggestions.append(TRIED)).toEqual(TRIED)
  const before = [store.suggestions.all(), store.suggestions.assignmentsOf('reviewer'), store.suggestions.salt]
  await store.close()
  const again = await open()
  expect([again.suggestions.all(), again.suggestions.assignmentsOf('reviewer'), again.suggestions.salt]).toEqual(before)
  expect(again.suggestions.get('opt-a')).toMatchObject({ state: 'active', implementation: expect.any(String) })
  expect(again.suggestions.assignmentsOf('reviewer')).toMatchObject([{ sessionId: 's1', arms: { 'opt-a': 'treated' } }])
  expect(again.report).toEqual([])
  await again.close()
})

test('there is no file before the first event, and what does not fit is not written', async () => {
  const store = await open()
  expect(await store.suggestions.append([eventOf('proven')])).toEqual([])
  expect(existsSync(path)).toBe(false)
  await store.suggestions.append([eventOf('proposed'), eventOf('proposed'), eventOf('assigned')])
  await store.close()
  expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(eventOf('proposed'))}\n`)
})

test.for<[name: string, tail: string, report: RegExp]>([
  ['a torn last line is cut off', '{"schema":1,"at":"2026', /unfinished line: its 22 bytes/],
  ['a line of something else is skipped', 'hello\n', /1 lines that are no events/],
  ['an event that does not fit is told', `${JSON.stringify(eventOf('reverted'))}\n`, /not_from_active/],
])('%s', async ([, tail, report]) => {
  await write(TRIED)
  appendFileSync(path, tail)
  const store = await open()
  expect(store.report).toEqual([expect.stringMatching(report)])
  await store.suggestions.append([eventOf('disabled')])
  await store.close()
  const again = await open()
  expect(again.suggestions.get('opt-a')?.state).toBe('disabled')
  await again.close()
})

test('an event of a newer agentperf is not touched', async () => {
  mkdirSync(join(directory, 'history'))
  writeFileSync(path, '{"schema":2,"event":"sung"}\n')
  await expect(open()).rejects.toThrow(EnvironmentError)
  expect(readFileSync(path, 'utf8')).toContain('sung')
})

test('a command that leaves nothing behind keeps events in memory alone', async () => {
  await write(TRIED)
  const before = readFileSync(path, 'utf8')
  const store = await open('ephemeral')
  await store.suggestions.append([eventOf('disabled')])
  expect(store.suggestions.get('opt-a')?.state).toBe('disabled')
  await store.close()
  expect(readFileSync(path, 'utf8')).toBe(before)
})

test('an event that cannot be written changes nothing', async () => {
  const store = await open()
  mkdirSync(path, { recursive: true })
  await expect(store.suggestions.append([eventOf('proposed')])).rejects.toThrow(EnvironmentError)
  expect(store.suggestions.all()).toEqual([])
  await store.close()
})
