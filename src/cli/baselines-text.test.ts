import { expect, test } from 'vitest'
import type { BaselineDocument, BaselineEntry } from '#src/baseline/baseline-file.ts'
import { baselinesText } from './baselines-text.ts'
import { memoryIo } from './memory-io.fixture.ts'

const ENTRY: BaselineEntry = {
  mean: 0.0041,
  std_dev: 0.0003,
  p50: 0.004,
  p95: 0.0048,
  status: 'converged',
  n: 12,
  confidence_low: false,
}

const CODER: BaselineDocument = {
  agent_type: 'coder',
  version: '1.0.0',
  last_updated: '2026-02-13T10:00:00.000Z',
  session_count: 12,
  bootstrap_threshold: 5,
  baselines: {
    fresh_token_efficiency: ENTRY,
    tool_overhead_ratio: { ...ENTRY, mean: 0.4, std_dev: 0.31, status: 'bootstrap', confidence_low: true },
  },
}

test('baselines stand under their agent type, whole and explained, in 80 columns', () => {
  const { p95: _, p50: __, ...young } = ENTRY
  const writer = {
    ...CODER,
    agent_type: 'writer',
    session_count: 1,
    last_updated: null,
    baselines: { error_rate: young },
  }
  expect(
    baselinesText([CODER, writer], new Set([CODER]), memoryIo()),
  ).toBe(`coder: 12 sessions, the last on 2026-02-13, over a week ago
KPI                      mean       σ    p50     p95   n  status
Fresh Token Efficiency  0.004  0.0003  0.004   0.005  12  converged
Tool Overhead            0.40    0.31  0.004  0.0048  12  bootstrap ~

writer: 1 session
KPI          mean       σ  p50  p95   n  status
Error Rate  0.4 %  0.03 %    -    -  12  converged

σ: standard deviation; n: sessions with a value; bootstrap: not settled yet;
~: the values scatter by more than half of their mean
`)
})
