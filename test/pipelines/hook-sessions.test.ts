import { expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { runListening, type Sent } from './listening.ts'

const START_MS = Date.UTC(2026, 10, 20, 8)

type Hook = readonly [atSeconds: number, event: string, rest?: Readonly<Record<string, unknown>>]

function hooksOf(session: string, hooks: readonly Hook[]): Sent[] {
  return hooks.map(([atSeconds, event, rest = {}]) => ({
    to: 'hooks',
    timeMs: START_MS + atSeconds * 1000,
    body: JSON.stringify({ session_id: session, hook_event_name: event, ...rest }),
  }))
}

const tool = (id: string) => ({ tool_name: 'Bash', tool_use_id: id, duration_ms: 500 })

/** The last revision of each session. */
async function sessionsOf(requests: readonly Sent[]): Promise<Readonly<Record<string, LedgerLine>>> {
  const { ledger } = await runListening(requests)
  return Object.fromEntries(ledger.map((line) => [line.session_id, line]))
}

test('/clear ends a session and begins another in the same process', async () => {
  const { before, after } = await sessionsOf([
    ...hooksOf('before', [
      [0, 'SessionStart', { source: 'startup' }],
      [10, 'PostToolUse', tool('t1')],
      [20, 'SessionEnd', { reason: 'clear' }],
    ]),
    ...hooksOf('after', [
      [20, 'SessionStart', { source: 'clear' }],
      [30, 'PostToolUse', tool('t2')],
    ]),
  ])
  expect(before).toMatchObject({ trigger: 'end_signal', duration_seconds: 20, totals: { tool_calls: 1 } })
  expect(after).toMatchObject({ trigger: 'end_of_input', duration_seconds: 10, totals: { tool_calls: 1 } })
})

test('/compact is one compaction and no new start', async () => {
  const { s1 } = await sessionsOf(
    hooksOf('s1', [
      [0, 'SessionStart', { source: 'startup' }],
      [10, 'PreCompact', { trigger: 'manual' }],
      [20, 'PostCompact', { trigger: 'manual', compact_summary: 'short' }],
      [20, 'SessionStart', { source: 'compact' }],
      [30, 'PostToolUse', tool('t1')],
    ]),
  )
  expect(s1).toMatchObject({ trigger: 'end_of_input', duration_seconds: 30, totals: { compactions: 1, tool_calls: 1 } })
})

test('a resumed session is one session, and the time between its processes is no part of its time', async () => {
  const { s1 } = await sessionsOf(
    hooksOf('s1', [
      [0, 'SessionStart', { source: 'startup' }],
      [100, 'PostToolUse', tool('t1')],
      [100, 'SessionEnd', { reason: 'prompt_input_exit' }],
      [7300, 'SessionStart', { source: 'resume', seconds_since_last_response: 7200 }],
      [7400, 'PostToolUse', tool('t2')],
      [7400, 'SessionEnd', { reason: 'other' }],
    ]),
  )
  expect(s1).toMatchObject({ trigger: 'end_signal', totals: { tool_calls: 2 } })
  expect(s1?.kpis.active_time_ratio).toBeCloseTo(1)
})

test('a killed process ends nothing; its session goes on with the next one', async () => {
  const killed: readonly Hook[] = [
    [0, 'SessionStart', { source: 'startup' }],
    [10, 'PreToolUse', tool('t1')],
  ]
  expect((await sessionsOf(hooksOf('s1', killed))).s1).toMatchObject({ trigger: 'end_of_input', totals: {} })
  const resumed: readonly Hook[] = [
    [600, 'SessionStart', { source: 'resume' }],
    [610, 'PostToolUse', tool('t2')],
    [620, 'SessionEnd', { reason: 'other' }],
  ]
  const { s1 } = await sessionsOf(hooksOf('s1', [...killed, ...resumed]))
  expect(s1).toMatchObject({ trigger: 'end_signal', totals: { tool_calls: 1 } })
})

test('an agent that is named, and its subagent', async () => {
  const main = { agent_type: 'my-reviewer' }
  const sub = { agent_id: 'a1', agent_type: 'explore' }
  const { s1 } = await sessionsOf(
    hooksOf('s1', [
      [0, 'SessionStart', { source: 'startup', ...main }],
      [10, 'SubagentStart', sub],
      [15, 'PostToolUse', { ...tool('t1'), ...sub }],
      [20, 'SubagentStop', sub],
      [
        21,
        'PostToolUse',
        {
          ...tool('t2'),
          tool_name: 'Agent',
          tool_response: { status: 'completed', agentId: 'a1', agentType: 'explore' },
          ...main,
        },
      ],
      [30, 'SessionEnd', { reason: 'other', ...main }],
    ]),
  )
  expect(s1?.agent_type).toBe('my-reviewer')
  expect(s1?.invocations).toMatchObject([{ invocation_id: 'a1', agent_type: 'explore', status: 'success' }])
  expect(s1?.totals.tool_calls).toBe(2)
})
