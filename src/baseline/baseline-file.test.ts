import { expect, test } from 'vitest'
import type { PastSessions } from './baseline.ts'
import { baselineDocument, baselineFile } from './baseline-file.ts'

const SETTINGS = { alpha: 0.2, bootstrapSessions: 5 }

test('the file has the mission’s layout', () => {
  const document = baselineDocument(past(12, { cache_efficiency: 0.94, error_rate: 0.01 }), SETTINGS)
  expect(document).toEqual({
    agent_type: 'translation-agent',
    version: '1.0.0',
    last_updated: '2026-02-12T00:00:00.000Z',
    session_count: 12,
    bootstrap_threshold: 5,
    baselines: {
      cache_efficiency: {
        mean: 0.94,
        std_dev: expect.closeTo(0.047, 12),
        p50: expect.closeTo(0.94, 12),
        p95: expect.closeTo(0.94, 12),
        status: 'converged',
        n: 12,
        confidence_low: false,
      },
      error_rate: {
        mean: 0.01,
        std_dev: 0.01,
        p50: expect.closeTo(0.01, 12),
        p95: expect.closeTo(0.01, 12),
        status: 'converged',
        n: 12,
        confidence_low: true,
      },
    },
  })
})

test('a new agent type has the expectations of a new agent where nothing was measured', () => {
  const { baselines } = baselineDocument(past(1, { token_efficiency: 0.002 }), SETTINGS)
  expect(baselines.token_efficiency).toMatchObject({ mean: 0.002, n: 1, status: 'bootstrap' })
  expect(baselines.task_completion_rate).toEqual({
    mean: 0.9,
    std_dev: 0.1,
    status: 'bootstrap',
    n: 0,
    confidence_low: true,
  })
  expect(Object.keys(baselines)).toHaveLength(10)
})

test('later, what was never measured is left out', () => {
  expect(Object.keys(baselineDocument(past(5, { token_efficiency: 0.002 }), SETTINGS).baselines)).toEqual([
    'token_efficiency',
  ])
})

test('KPIs stand in the table’s order, then those of the configuration by name', () => {
  const kpis = { zeta: 1, quality_relevance: 0.9, alpha: 2, token_efficiency: 0.002 }
  expect(Object.keys(baselineDocument(past(5, kpis), SETTINGS).baselines)).toEqual([
    'token_efficiency',
    'quality_relevance',
    'alpha',
    'zeta',
  ])
})

test('the same history gives the same bytes, whatever the order of KPIs within its sessions', () => {
  const a = past(7, { error_rate: 0.1, zeta: 1, alpha: 2 })
  const b = past(7, { alpha: 2, zeta: 1, error_rate: 0.1 })
  expect(baselineFile(b, SETTINGS)).toBe(baselineFile(a, SETTINGS))
  expect(baselineFile(a, SETTINGS).endsWith('}\n')).toBe(true)
})

test('an agent type without sessions was never updated', () => {
  const document = baselineDocument({ agentType: 'new', sessionCount: 0, window: [] }, SETTINGS)
  expect(document).toMatchObject({ last_updated: null, session_count: 0 })
})

test('the last update is the latest end, also when a corrected session ended later than its place says', () => {
  const window = [
    { endedAt: '2026-03-02T00:00:00.000Z', kpis: {} },
    { endedAt: '2026-03-01T00:00:00.000Z', kpis: {} },
  ]
  const document = baselineDocument({ agentType: 'coder', sessionCount: 2, window }, SETTINGS)
  expect(document.last_updated).toBe('2026-03-02T00:00:00.000Z')
})

function past(count: number, kpis: Readonly<Record<string, number>>): PastSessions {
  const window = Array.from({ length: count }, (_, index) => ({
    endedAt: `2026-02-${String(index + 1).padStart(2, '0')}T00:00:00.000Z`,
    kpis,
  }))
  return { agentType: 'translation-agent', sessionCount: count, window }
}
