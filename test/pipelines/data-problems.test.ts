import { describe, expect, test } from 'vitest'
import { onlyLine, runPipeline, workspace } from './harness.ts'
import { evaluation, span, tokens, tool } from './hook-lines.ts'

const lines = (...all: string[]): string => `${all.join('\n')}\n`
const traces = (...all: string[]): { files: Record<string, string> } => ({
  files: { 'traces-2026-02-12.jsonl': lines(...all) },
})
const repeat = (count: number, line: (n: number) => string): string[] =>
  Array.from({ length: count }, (_, n) => line(n))

/** The numbering is that of the list of known data problems. */
describe('telemetry with known problems', () => {
  test('D-1: spans without a session id go to the only session around them', async () => {
    const { ledger } = await runPipeline(
      traces(tool(0, 'Read'), tool(10, 'Edit', { session: undefined }), tool(20, 'Read')),
    )
    expect(ledger[0]?.tools).toEqual({ Read: { calls: 2, failures: 0 }, Edit: { calls: 1, failures: 0 } })
  })

  test('D-1: with two sessions around them, or none, they are unattributed', async () => {
    const run = await runPipeline(
      traces(
        ...[0, 20].flatMap((at) => [tool(at, 'Read'), tool(at, 'Read', { session: 's2' })]),
        tool(10, 'Edit', { session: undefined }),
        tool(90_000, 'Edit', { session: undefined }),
      ),
    )
    expect(run.ledger.map(({ tools }) => tools.Edit)).toEqual([undefined, undefined])
    expect(run.accounts.get('processor/sessions/session_grouping')?.settled.unattributed).toBe(2)
  })

  test('D-2: token spans of zeros leave token KPIs absent, with the reason', async () => {
    const zero = { 'tokens.input': 0, 'tokens.output': 0, 'tokens.cache_read': 0, 'tokens.cache_creation': 0 }
    const { kpis, absent, totals } = onlyLine(await runPipeline(traces(tool(0, 'Read'), tokens(5, 3, 0, zero))))
    expect(kpis).not.toHaveProperty('token_efficiency')
    expect(kpis).not.toHaveProperty('cache_efficiency')
    expect(absent.token_efficiency).toBeTypeOf('string')
    expect(totals).not.toHaveProperty('output_tokens')
  })

  test('D-3: snapshots are cumulative, and a fall of messages begins a new segment', async () => {
    const { totals } = onlyLine(await runPipeline(traces(tokens(0, 10, 100), tokens(9, 20, 250), tokens(20, 6, 30))))
    expect(totals.output_tokens).toBe(280)
  })

  test('D-4: nobody wrote synthetic messages, and the model that wrote most names the session', async () => {
    const synthetic = tokens(3, 2, 9999, { 'tokens.model': '<synthetic>' })
    const { totals, model } = onlyLine(
      await runPipeline(traces(tokens(0, 10, 100), synthetic, tokens(5, 4, 20, { 'tokens.model': 'haiku' }))),
    )
    expect([totals.output_tokens, model]).toEqual([120, 'opus'])
  })

  test('D-5: subagents are invocations of their own type', async () => {
    const agent = { 'agent.type': 'code-reviewer' }
    const { invocations } = onlyLine(
      await runPipeline(
        traces(span(0, 'agent-pre-tool', agent), span(60, 'agent-post-tool', { ...agent, 'agent.has_error': false })),
      ),
    )
    expect(invocations).toMatchObject([{ agent_type: 'code-reviewer', status: 'success', duration_seconds: 60.004 }])
  })

  test('D-6: sessions are interleaved in one file and go on in the next day’s', async () => {
    const { ledger } = await runPipeline({
      files: {
        'traces-2026-02-12.jsonl': lines(tool(0, 'Read'), tool(1, 'Read', { session: 's2' }), tool(2, 'Edit')),
        'traces-2026-02-13.jsonl': lines(tool(20_000, 'Write'), tool(1000, 'Bash', { session: 's2' })),
      },
    })
    expect(ledger.map(({ session_id, tools }) => [session_id, Object.keys(tools)])).toEqual([
      ['s2', ['Read', 'Bash']],
      ['s1', ['Read', 'Edit', 'Write']],
    ])
  })

  test('D-7: a session that goes on after it was assessed gets a second revision over everything', async () => {
    const place = await workspace()
    await runPipeline({ ...traces(tool(0, 'Read')), endAll: true }, place)
    const { ledger } = await runPipeline(traces(tool(0, 'Read'), tool(3600, 'Edit')), place)
    expect(ledger.map(({ revision, totals }) => [revision, totals.tool_calls])).toEqual([
      [1, 1],
      [2, 3],
    ])
  })

  test('D-8: bad lines are counted by reason and the rest is read', async () => {
    const good = tool(0, 'Read')
    const run = await runPipeline({
      files: {
        'traces-2026-02-12.jsonl': [
          good,
          '{"traceId": "cut',
          tool(1, 'Edit').replace(/"startTime":\[\d+/, '"startTime":[2'),
          tool(2, 'Edit').replace(/"duration":\[\d+/, '"duration":[null'),
          tool(3, 'Edit').replace(/"traceId":"\w+"/, '"traceId":""'),
          '[]',
          'null',
          tool(4, 'Write'),
          '{"half":',
        ].join('\n'),
      },
    })
    expect(onlyLine(run).tools).toEqual({
      Read: { calls: 1, failures: 0 },
      Edit: { calls: 1, failures: 0 },
      Write: { calls: 1, failures: 0 },
    })
    const settled = run.accounts.get('receiver/jsonl_file')?.settled
    expect(settled).toMatchObject({ used: 3, 'dropped:implausible_time': 1, 'dropped:invalid_json': 3 })
  })

  test('D-9: a session without any tool call has no ratios of tool calls', async () => {
    const { kpis, absent } = onlyLine(await runPipeline(traces(span(0, 'session-start'), span(9, 'notification'))))
    for (const name of ['tool_overhead_ratio', 'error_rate', 'task_completion_rate']) {
      expect(kpis).not.toHaveProperty(name)
      expect(absent[name]).toBeTypeOf('string')
    }
  })

  test('D-10: hooks that do not cover Read are found out by edits without reads', async () => {
    const { notes } = onlyLine(await runPipeline(traces(tool(0, 'Edit'), tool(1, 'Bash'))))
    expect(notes.map(({ code }) => code)).toContain('uncovered_tools')
  })

  test('D-11: lost success flags are a finding about the input, not an error rate', async () => {
    const { kpis, notes } = onlyLine(
      await runPipeline(traces(...repeat(24, (n) => tool(n, 'Bash', { 'builtin.success': n < 4 ? true : undefined })))),
    )
    expect(kpis).not.toHaveProperty('error_rate')
    expect(notes.map(({ code }) => code)).toContain('input_drift')
  })

  test('D-11: calls of subagents without any span of one are a finding too', async () => {
    const { notes } = onlyLine(await runPipeline(traces(tool(0, 'Agent'), tool(1, 'Agent'))))
    expect(notes.map(({ code }) => code)).toContain('input_drift')
  })

  test('D-11: an unknown hook is counted by name', async () => {
    const { accounts } = await runPipeline(traces(tool(0, 'Read'), span(1, 'time-travel')))
    expect(accounts.get('processor/sessions/session_grouping')).toMatchObject({
      settled: { 'ignored:unknown_name': 1 },
      unknownNames: { 'hook:time-travel': 1 },
    })
  })

  test('D-12: spans appended late to an old day reopen its session', async () => {
    const place = await workspace()
    await runPipeline(traces(tool(0, 'Read'), tool(9, 'Read')), place)
    const backfill = span(4, 'plugin-post-tool', {
      lengthMs: 55_000,
      'backfill.source': 'backfill:agent-span-recovery',
    })
    const { ledger } = await runPipeline({ files: { 'traces-2026-02-12.late.jsonl': lines(backfill) } }, place)
    expect(ledger.map(({ revision, duration_seconds }) => [revision, duration_seconds])).toEqual([
      [1, 9.004],
      [2, 59],
    ])
  })

  test('D-13: refused updates and deleted tasks do not count, and a rate above 1 is capped and noted', async () => {
    const update = (at: number, id: string, status: string, rest = {}) =>
      tool(at, 'TaskUpdate', { 'builtin.task_id': id, 'builtin.task_status': status, ...rest })
    const { kpis, notes, totals } = onlyLine(
      await runPipeline(
        traces(
          tool(0, 'TaskCreate'),
          update(1, '1', 'completed'),
          update(2, '2', 'completed'),
          update(3, '9', 'completed', { 'builtin.success': false }),
        ),
      ),
    )
    expect(kpis.task_completion_rate).toBe(1)
    expect(totals.tasks_completed).toBe(2)
    expect(notes.map(({ code }) => code)).toContain('ratio_capped')
  })

  test('D-14: only scores of models for normal sessions count, each once', async () => {
    const { kpis, evidence } = onlyLine(
      await runPipeline({
        files: {
          'traces-2026-02-12.jsonl': lines(tool(0, 'Read')),
          'evaluations-2026-02-12.jsonl': lines(
            evaluation(1, 'relevance', 0.9),
            evaluation(1, 'relevance', 0.9),
            evaluation(2, 'relevance', 0.8),
            evaluation(3, 'relevance', null),
            evaluation(4, 'relevance', 0.1, { 'gen_ai.evaluation.evaluator.type': 'canary' }),
            evaluation(5, 'relevance', 0.1, { 'gen_ai.evaluation.evaluator.type': 'seed' }),
            evaluation(6, 'task_completion', 0.1, { 'gen_ai.evaluation.evaluator.type': 'rule' }),
          ),
        },
      }),
    )
    expect(kpis.quality_relevance).toBeCloseTo(0.85, 12)
    expect(evidence.quality_relevance?.n).toBe(2)
  })

  test('D-15: words in texts are no errors', async () => {
    const { kpis } = onlyLine(
      await runPipeline(
        traces(tool(0, 'Bash', { 'builtin.command': 'grep "error: 12%"; has_error: false' }), tool(1, 'Read')),
      ),
    )
    expect(kpis.error_rate).toBe(0)
  })

  test('D-16: a context utilisation of 172 % breaks nothing', async () => {
    const full = { 'context.utilization_percent': 172, 'context.estimated_tokens': 343_957 }
    const run = await runPipeline(traces(span(0, 'session-start', full), tool(1, 'Read')))
    expect(onlyLine(run).totals.tool_calls).toBe(1)
  })

  test('D-17: a session of 70,000 spans is read', async () => {
    const run = await runPipeline({
      files: { 'traces.jsonl': `${repeat(70_000, (n) => tool(n, 'Read')).join('\n')}\n` },
    })
    expect(onlyLine(run)).toMatchObject({ duration_seconds: 69_999.004, tools: { Read: { calls: 70_000 } } })
  })

  test('D-18: a session of an unknown kind raises no alarm before there is a baseline', async () => {
    const failing = repeat(9, (n) => tool(n, 'Bash', { 'builtin.success': n > 0 }))
    const { alert_level, kpis, deviations } = onlyLine(await runPipeline(traces(...failing)))
    expect([kpis.error_rate, alert_level, deviations]).toEqual([1 / 9, 'PASS', {}])
  })
})
