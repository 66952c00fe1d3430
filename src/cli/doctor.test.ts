import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Check } from './check-list.ts'
import { run } from './doctor.ts'
import { memoryIo } from './memory-io.fixture.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-doctor-'))
})

afterEach(() => rm(directory, { recursive: true }))

test.for([
  { name: 'none at all is a finding', files: [], ok: { jsonl_file: false, transcripts: false } },
  { name: 'none of one kind is none', files: ['traces-1.jsonl'], ok: { jsonl_file: true, transcripts: true } },
])('of input files $name', async ({ files, ok }) => {
  for (const file of files) await writeFile(join(directory, file), '')
  const checks = await doctor()
  const found = Object.keys(ok).map((id) => [id, checks.find(({ check }) => check === `input of ${id}`)?.ok])
  expect(Object.fromEntries(found)).toEqual(ok)
})

test('a ledger and a checkpoint that cannot be used are findings among the others', async () => {
  await mkdir(join(directory, 'state/history'), { recursive: true })
  await mkdir(join(directory, 'state/.agentperf'))
  await writeFile(join(directory, 'state/history/kpis.jsonl'), '{"schema":99}\n')
  await writeFile(join(directory, 'state/.agentperf/checkpoint.json'), '{"version":99}')
  const checks = await doctor()
  const newer = { ok: false, found: expect.stringContaining('a newer agentperf wrote it') }
  expect(checks.find(({ check }) => check === 'ledger')).toMatchObject(newer)
  expect(checks.find(({ check }) => check === 'checkpoint')).toMatchObject(newer)
  expect(checks.find(({ check }) => check === 'storage')).toMatchObject({ ok: true })
})

async function doctor(): Promise<readonly Check[]> {
  const config = join(directory, 'pipelines.yaml')
  await writeFile(
    config,
    JSON.stringify({
      receivers: {
        jsonl_file: { include: [join(directory, 'traces-*.jsonl')] },
        transcripts: { include: [join(directory, 'projects/**/*.jsonl')] },
      },
      processors: { session_grouping: {}, kpi_aggregation: {} },
      exporters: { jsonl: {} },
      service: {
        storage: { directory: join(directory, 'state') },
        pipelines: {
          sessions: {
            receivers: ['jsonl_file', 'transcripts'],
            processors: ['session_grouping', 'kpi_aggregation'],
            exporters: ['jsonl'],
          },
        },
      },
    }),
  )
  const io = memoryIo({ env: { HOME: directory }, cwd: directory, nowMs: () => Date.UTC(2026, 1, 14) })
  await run({ config: [config], set: [], json: true }, io)
  return JSON.parse(io.written.out)
}
