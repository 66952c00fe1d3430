import { expect, test } from 'vitest'
import { alert, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { type Alarm, alarmOf } from './alarm.ts'
import { blockReason, warningBanner } from './alarm-text.ts'

const CRITICAL = alert({ severity: 'CRITICAL', reason: 'far_outside', message: 'Error Rate 31 %, usually 4 %' })

function alarm(changes: Parameters<typeof ledgerLine>[0] = {}): Alarm {
  const found = alarmOf(ledgerLine({ agent_type: 'coder', alert_level: 'CRITICAL', alerts: [CRITICAL], ...changes }))
  if (found === undefined) throw new Error('expected an alarm')
  return found
}

test('what people and agents are told', () => {
  expect(warningBanner(alarm())).toBe(
    '## Performance Warning\n\nThe last session of this agent (ended 2026-02-10) was CRITICAL:\n- Error Rate 31 %, usually 4 %',
  )
  expect(blockReason(alarm({ session_id: 's1' }))).toBe(
    [
      'agentperf stops this prompt: the last session of this agent (s1, ended 2026-02-10) was CRITICAL.',
      'Error Rate 31 %, usually 4 %',
      'When you have looked at it: agentperf ack coder (or, when nothing was wrong: agentperf ack --false-alarm coder).',
      "The block ends with the agent's next session that does something, at the latest 2026-02-11 09:30 UTC; one as bad blocks anew.",
      '`alerting: { block: off }` switches blocking off.',
    ].join('\n'),
  )
})

test.for<[agentType: string, word: string]>([
  ['../../x', '../../x'],
  ['$(rm -rf ~); `id`', "'$(rm -rf ~); `id`'"],
  ["it's", "'it'\\''s'"],
  ['🙂', "'🙂'"],
  ['a\nb\u001b[2J', "'a b [2J'"],
  ['x'.repeat(300), 'x'.repeat(300)],
  ['-f', '-- -f'],
  ['--false-alarm me', "-- '--false-alarm me'"],
])('the agent type %j is one word of the command that lifts a block', ([agentType, word]) => {
  const reason = blockReason(alarm({ agent_type: agentType }))
  expect(reason).toContain(`: agentperf ack ${word} (or`)
  expect(reason).toContain(`: agentperf ack --false-alarm ${word}).`)
})

test.for([
  { name: 'nothing', line: ledgerLine(), level: undefined, blocks: undefined },
  {
    name: 'a warning',
    line: ledgerLine({ alert_level: 'WARNING', alerts: [alert()] }),
    level: 'WARNING',
    blocks: false,
  },
  {
    name: 'a drift',
    line: ledgerLine({ alert_level: 'CRITICAL', alerts: [alert({ severity: 'CRITICAL', reason: 'drifted_far' })] }),
    level: 'CRITICAL',
    blocks: false,
  },
  {
    name: 'one far outside',
    line: ledgerLine({ alert_level: 'CRITICAL', alerts: [CRITICAL] }),
    level: 'CRITICAL',
    blocks: true,
  },
])('$name: level and whether it blocks', ({ line, level, blocks }) => {
  const found = alarmOf(line)
  expect(found?.level).toBe(level)
  expect(found === undefined ? undefined : found.blocking !== undefined).toBe(blocks)
})
