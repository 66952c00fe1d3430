import { readFileSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MISSION_BASELINE, MISSION_SESSIONS } from '#src/alert/mission-baseline.fixture.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { openStore } from '#src/store/open-store.ts'
import { NOW_MS, type Run, runPipeline, workspace } from './harness.ts'
import { tool } from './hook-lines.ts'

const AGENT_TYPE = 'translation-agent'
const EDGAR_NADYNE = resolve(import.meta.dirname, '../../samples/edgar-nadyne')
const SEED_POLICIES = ['processors.alerting.policy=seed', 'processors.suggestion_rules.policy=seed']

/** The Edgar & Nadyne session after twelve sessions that give the mission's example baseline. */
async function edgarNadyne(sets: readonly string[]): Promise<Run & { readonly line: LedgerLine }> {
  const place = await workspace()
  await commitMissionSessions(join(place, 'state'))
  const names = await readdir(EDGAR_NADYNE)
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(EDGAR_NADYNE, name), 'utf8')]))
  const agentType = `processors.session_grouping.agent_type=${AGENT_TYPE}`
  const run = await runPipeline({ files, sets: [agentType, ...sets], frozen: true }, place)
  const line = run.ledger.at(-1)
  if (line === undefined) throw new Error('expected a session, found none')
  return { ...run, line }
}

async function commitMissionSessions(directory: string): Promise<void> {
  await mkdir(directory)
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  const lines = MISSION_SESSIONS.map((kpis, index) => {
    const ended = new Date(Date.UTC(2026, 0, 20 + index, 12)).toISOString()
    const evidence = Object.keys(kpis).map(
      (kpi) => [kpi, { n: 40, sources: ['hook_spans'], estimated: false }] as const,
    )
    return ledgerLine({
      session_id: `earlier-${index}`,
      agent_type: AGENT_TYPE,
      date: ended,
      started_at: ended,
      ended_at: ended,
      kpis,
      evidence: Object.fromEntries(evidence),
    })
  })
  await store.commit(lines.map((line) => ({ line, live: false })))
  await store.close()
}

describe('Edgar & Nadyne with the mission’s example baseline', () => {
  test('policy seed: the four regressions of its report are CRITICAL, improvements raise nothing', async () => {
    const { line } = await edgarNadyne(SEED_POLICIES)
    for (const [kpi, { mean }] of Object.entries(MISSION_BASELINE)) expect(line.baselines[kpi]).toBeCloseTo(mean, 9)
    expect(line.std_devs).toMatchObject({
      token_efficiency: expect.closeTo(0.012, 9),
      active_time_ratio: expect.closeTo(0.08, 9),
      tool_overhead_ratio: expect.closeTo(0.11, 9),
    })
    const shown = line.alerts.filter(({ severity }) => severity !== 'INFO')
    // Its sample calls task completion a WARNING; its own matrix says CRITICAL above 2 standard deviations.
    expect(shown.map(({ severity, metric }) => [severity, metric]).toSorted()).toEqual([
      ['CRITICAL', 'active_time_ratio'],
      ['CRITICAL', 'task_completion_rate'],
      ['CRITICAL', 'token_efficiency'],
      ['CRITICAL', 'tool_overhead_ratio'],
    ])
    expect(line.alert_level).toBe('CRITICAL')
    expect(shown.find(({ metric }) => metric === 'tool_overhead_ratio')).toMatchObject({
      value: expect.closeTo(1.7333, 4),
      baseline: expect.closeTo(0.42, 9),
      deviation: expect.closeTo(11.94, 2),
    })
  })

  test('policy seed: the five suggestions of its report, in its order, with evidence and in its schema', async () => {
    const { line, directory } = await edgarNadyne(SEED_POLICIES)
    expect(line.suggestions.map(({ priority, title }) => `[${priority}] ${title}`)).toEqual([
      '[CRITICAL] Use background agents for independent work units',
      '[HIGH] Batch task operations to reduce overhead',
      '[HIGH] Pre-load all source documents at session start',
      '[MEDIUM] Implement auto-close logic for tasks',
      '[MEDIUM] Set 30-minute idle timeout with auto-hibernation',
    ])
    expect(line.suggestions[1]?.evidence).toContain('TaskCreate calls: 10; TaskUpdate calls: 16; all tool calls: 41')
    expect(line.suggestions[2]?.evidence).toBe('Read calls: 1; Write calls: 3')
    const document = JSON.parse(await readFile(join(directory, 'optimizations', `${line.session_id}.json`), 'utf8'))
    expect(document).toMatchObject({ session_id: line.session_id, agent_type: AGENT_TYPE, date: line.ended_at })
    expect(document.suggestions[0]).toMatchObject({
      id: line.suggestions[0]?.id,
      category: 'architecture',
      impact: '10-20x improvement in token efficiency',
      activation_status: 'proposed',
      tracking: { activated_at: null, sessions_tracked: 0, sessions_target: 3, impact_measured: null },
    })
  })

  test('policy standard: judged by twelve sessions, on each KPI’s own scale', async () => {
    const { line } = await edgarNadyne([])
    const reasons = Object.fromEntries(line.alerts.map(({ metric, reason }) => [metric, reason]))
    // Twelve sessions are few: what is far outside by the moving average is not impossible after them.
    expect(reasons).toEqual({
      token_efficiency: 'far_outside',
      active_time_ratio: 'unusual',
      tool_overhead_ratio: 'unusual',
    })
    expect(line.alert_level).toBe('CRITICAL')
    expect(line.suggestions.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['background-agents', 'batch-task-operations', 'preload-sources', 'idle-timeout']),
    )
  })
})

test('without any history a session that fails throughout is a warning, and suggests nothing about what is unknown', async () => {
  const calls = Array.from({ length: 30 }, (_, n) => tool(n, 'Bash', { 'builtin.success': false }))
  const { ledger, directory } = await runPipeline({ files: { 'traces-2026-02-12.jsonl': `${calls.join('\n')}\n` } })
  expect(ledger).toMatchObject([
    {
      alert_level: 'WARNING',
      alerts: [{ metric: 'error_rate', reason: 'threshold_without_history' }],
      suggestions: [],
    },
  ])
  expect(await readdir(directory)).not.toContain('optimizations')
})
