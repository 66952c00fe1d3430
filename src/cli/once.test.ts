import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { components } from '#src/components.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { loadConfig } from '#src/config/load.ts'
import { memoryIo } from './memory-io.fixture.ts'
import { endlessReceivers, onceSets, withoutReceivers } from './once.ts'
import { run } from './run.ts'

function configWith(pipelines: Readonly<Record<string, readonly string[]>>): LoadedConfig {
  const used = new Set(Object.values(pipelines).flat())
  const text = JSON.stringify({
    receivers: Object.fromEntries([...used].map((id) => [id, {}])),
    processors: { session_grouping: {}, kpi_aggregation: {} },
    exporters: { jsonl: {} },
    service: {
      pipelines: Object.fromEntries(
        Object.entries(pipelines).map(([name, receivers]) => [
          name,
          { receivers, processors: ['session_grouping', 'kpi_aggregation'], exporters: ['jsonl'] },
        ]),
      ),
    },
  })
  return loadConfig({ sources: [{ file: 'p.yaml', text }], sets: [], env: { HOME: '/home/ada' } }, components)
}

test('receivers that listen are left out, and pipelines that have only such', () => {
  const config = configWith({ all: ['jsonl_file', 'otlp', 'jsonl_file/more', 'otlp/more'] })
  expect(onceSets(config)).toEqual(['receivers.jsonl_file.follow=false', 'receivers.jsonl_file/more.follow=false'])
  const leftOut = endlessReceivers(config)
  expect(leftOut).toEqual(['otlp', 'otlp/more'])
  expect(withoutReceivers(config, leftOut).pipelines).toMatchObject([
    { name: 'all', receivers: ['jsonl_file', 'jsonl_file/more'] },
  ])
})

test('where nothing is left it is a configuration error', () => {
  const config = configWith({ pushed: ['otlp'] })
  expect(() => withoutReceivers(config, ['otlp'])).toThrow(
    '--once  expected a receiver that can end (with the key `follow`), got otlp',
  )
})

test('the shipped configuration runs once over files, and says what it left out', async () => {
  const home = await mkdtemp(join(tmpdir(), 'agentperf-once-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const io = memoryIo({ cwd: home, env: { HOME: home }, nowMs: () => Date.UTC(2026, 10, 20) })
  const config = [resolve(import.meta.dirname, '../../pipelines.yaml')]
  expect(await run({ config, set: [], once: true }, io)).toBe(0)
  expect(io.written.err).toContain('"receivers":"otlp, claude_hooks"')
  expect(io.written.err).not.toContain('takes in OTLP')
})
