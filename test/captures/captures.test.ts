import { afterAll, describe, expect, test } from 'vitest'
import { decodeJsonRequest } from '#src/otlp/decode-json.ts'
import { onlyLine, type Run, runPipeline } from '../pipelines/harness.ts'
import { capture, capturesIn, HAVE_CAPTURES, reportCaptures } from './captures.ts'
import { publishedSessions, rebuiltSession } from './published.ts'

const DAYS = ['2026-02-12', '2026-02-13']

afterAll(() => reportCaptures('files'))

function edgarNadyne(variant: 'A' | 'B', sets: readonly string[] = []): Promise<Run> {
  const traces = DAYS.map((day) => [
    `traces-${day}.jsonl`,
    capture(`edgar-nadyne/traces-${day}.variant${variant}.jsonl`),
  ])
  const evaluations = DAYS.map((day) => [`evaluations-${day}.jsonl`, capture(`edgar-nadyne/evaluations-${day}.jsonl`)])
  return runPipeline({ files: Object.fromEntries([...traces, ...evaluations]), sets })
}

describe.runIf(HAVE_CAPTURES)('the Edgar & Nadyne session', () => {
  test('variant A, standard definitions', async () => {
    const { kpis, evidence } = onlyLine(await edgarNadyne('A'))
    expect(kpis.token_efficiency).toBeCloseTo(0.001016, 6)
    expect(kpis.task_completion_rate).toBeCloseTo(0.8, 10)
    expect(evidence.task_completion_rate?.estimated).toBe(true)
    expect(kpis.tool_overhead_ratio).toBeCloseTo(1.7333, 4)
    expect(kpis.cache_efficiency).toBeCloseTo(0.9827, 4)
    expect(kpis.error_rate).toBe(0)
    expect(kpis.active_time_ratio).toBeCloseTo(0.093, 3)
    expect(kpis.quality_relevance).toBeCloseTo(0.95, 10)
    expect(kpis.quality_faithfulness).toBeCloseTo(0.95, 10)
    expect(kpis.quality_coherence).toBeCloseTo(0.93, 10)
    expect(kpis.quality_hallucination).toBeCloseTo(0.0333, 4)
  })

  test('variant B: the snapshot after the compaction is a segment of its own', async () => {
    const { kpis } = onlyLine(await edgarNadyne('B'))
    expect(kpis.token_efficiency).toBeCloseTo(0.001042, 6)
    expect(kpis.cache_efficiency).toBeCloseTo(0.9369, 4)
  })

  const SEED = ['processors.kpi_aggregation.definitions=seed']

  test('variant A, the mission’s literal definitions', async () => {
    const { kpis } = onlyLine(await edgarNadyne('A', SEED))
    expect(kpis.task_completion_rate).toBe(1)
    expect(kpis.tool_overhead_ratio).toBeCloseTo(2.36, 2)
    expect(kpis.cache_efficiency).toBeCloseTo(0.99999, 5)
    expect(kpis.active_time_ratio).toBe(0)
  })

  test('variant B, the mission’s literal definitions', async () => {
    const { kpis } = onlyLine(await edgarNadyne('B', SEED))
    expect(kpis.cache_efficiency).toBeCloseTo(0.9516, 4)
  })
})

describe.runIf(HAVE_CAPTURES)('lines of every era', () => {
  test('are read: only the line that is cut and the one of 1970 are dropped', async () => {
    const run = await runPipeline({ files: { 'traces-2026-10-01.jsonl': capture('hook-spans/spans_by_era.jsonl') } })
    const { settled } = run.accounts.get('receiver/jsonl_file') ?? { settled: {} }
    expect(settled).toEqual({ used: 26, 'dropped:invalid_json': 1, 'dropped:implausible_time': 1 })
    const grouping = run.accounts.get('processor/sessions/session_grouping')
    expect(grouping?.unknownNames).toEqual({})
    expect(run.ledger.map(({ session_id }) => session_id)).toEqual(['sess-001', '11111111-2222-4333-8444-555555555555'])
  })

  test('and of evaluations: two scores of a model for a normal session', async () => {
    const run = await runPipeline({
      files: { 'evaluations-2026-10-06.jsonl': capture('hook-spans/evaluations_by_era.jsonl') },
    })
    expect(onlyLine(run).kpis).toMatchObject({ quality_coherence: 0.75, quality_faithfulness: 0.96 })
    expect(onlyLine(run).kpis).not.toHaveProperty('quality_relevance')
  })

  test('and of logs', async () => {
    const run = await runPipeline({ files: { 'logs-2026-02-14.jsonl': capture('hook-spans/logs_sample.jsonl') } })
    expect(run.accounts.get('receiver/jsonl_file')?.settled).toEqual({ used: 2 })
  })
})

describe.runIf(HAVE_CAPTURES)('published sessions (D-19: their tables agree within 0.01)', () => {
  const sessions = HAVE_CAPTURES ? publishedSessions(capture('published/published_sessions.csv')) : []

  test('are eighteen with counts', () => {
    expect(sessions.length).toBe(18)
  })

  test.for(sessions)('$id: $calls calls, $failures failed', async ({ id, calls, failures, correctness }) => {
    const run = await runPipeline({ files: { 'traces-2026-02-12.jsonl': rebuiltSession(id, calls, failures) } })
    const { error_rate } = onlyLine(run).kpis
    expect(error_rate).toBeTypeOf('number')
    expect(Math.abs(1 - (error_rate ?? Number.NaN) - correctness)).toBeLessThanOrEqual(0.01)
  })
})

describe.runIf(HAVE_CAPTURES)('OTLP JSON lines of real agents', () => {
  test.for(capturesIn('.', /otlp-(logs|metrics|traces)\.jsonl$/))('%s is decoded whole', async (name) => {
    const run = await runPipeline({ files: { 'otlp.jsonl': capture(name) } })
    const account = run.accounts.get('receiver/jsonl_file')
    expect(account?.received).toBeGreaterThan(0)
    expect(account?.settled).toEqual({ used: account?.received })
    expect(run.accounts.get('processor/sessions/session_grouping')?.received).toBeGreaterThan(0)
  })

  test.for(capturesIn('otlp-examples', /\.json$/))('%s is decoded', (name) => {
    const decoded = decodeJsonRequest(JSON.parse(capture(name)))
    expect(decoded.ok && decoded.items.length).toBeGreaterThan(0)
  })
})

describe.runIf(HAVE_CAPTURES)('files of other kinds', () => {
  const others = capturesIn('.', /^(oak|transcripts-public|claude-code[^/]*)\/.*\.jsonl$/).filter(
    (name) => !/otlp-/.test(name),
  )

  test.for(others)('%s crashes nothing and makes up no session', async (name) => {
    const run = await runPipeline({ files: { 'other.jsonl': capture(name) } })
    expect(run.ledger).toEqual([])
  })
})

test.runIf(!HAVE_CAPTURES)('without captures nothing is checked', () => {
  expect(HAVE_CAPTURES).toBe(false)
})
