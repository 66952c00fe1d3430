import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '#src/component.ts'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { baselineEma } from './baseline_ema.ts'
import { configSchema } from './config.ts'

let directory: string
let store: OpenStore

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-model-change-'))
  store = await openStore({ directory, mode: 'write', nowMs: Date.now })
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

/** Commits a session with each model in turn, told of as the service does. */
async function run(models: readonly (string | null)[], on_model_change?: string): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const context = { id: 'sessions/baseline_ema', store, log } as unknown as Context
  const processor = baselineEma.create(configSchema.parse({ on_model_change }), context, async () => {})
  for (const [n, model] of models.entries()) {
    const ended_at = new Date(Date.UTC(2026, 1, 10, 0, n)).toISOString()
    const line = ledgerLine({ session_id: `s${n}`, agent_type: '../../x', model, ended_at })
    await store.commit([{ line, live: false }])
    await processor.settle?.({ line, live: false })
    // As after a crash: the same again changes nothing.
    await processor.settle?.({ line, live: false })
    await processor.committed?.([{ line, live: false }])
  }
  await processor.stop()
}

const archived = (): Promise<string[]> => readdir(join(directory, 'baselines', 'archive')).catch(() => [])

test('three sessions with another model begin anew, and what was normal is kept', async () => {
  await run(['a', 'a', 'a', 'a', 'b', null, 'b', 'b', 'b'], 'reset')
  expect(store.history.of('../../x')?.sessionCount).toBe(1)
  const [name = ''] = await archived()
  expect(name).toMatch(/^[\w.~-]+-20260210T000700Z\.json$/)
  const text = await readFile(join(directory, 'baselines', 'archive', name), 'utf8')
  expect(JSON.parse(text)).toMatchObject({ agent_type: '../../x', session_count: 8 })
  const lines = (await readFile(join(directory, 'history/resets.jsonl'), 'utf8')).trimEnd().split('\n')
  expect(lines).toHaveLength(1)
})

test.for<[name: string, models: (string | null)[], on: string | undefined]>([
  ['unless it is wanted', ['a', 'a', 'b', 'b', 'b'], undefined],
  ['two sessions', ['a', 'a', 'a', 'b', 'b'], 'reset'],
  ['models by turns', ['a', 'b', 'a', 'b', 'a', 'b'], 'reset'],
  ['the first model', ['a', 'a', 'a', 'a'], 'reset'],
  ['sessions that name none', ['a', null, null, null, null], 'reset'],
])('nothing begins anew: %s', async ([, models, on]) => {
  await run(models, on)
  expect(store.history.of('../../x')?.sessionCount).toBe(models.length)
  expect(await archived()).toEqual([])
})
