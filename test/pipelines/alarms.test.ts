import { expect, test } from 'vitest'
import { lastLineOf } from '#src/cli/agent-types.ts'
import { ACK_SCHEMA } from '#src/model/ack.ts'
import { lastInjections } from '#src/store/read-injections.ts'
import { estimateTokens } from '#src/suggestion/estimate-tokens.ts'
import { NOW_MS, workspace } from './harness.ts'
import { LoopService } from './loop-service.ts'
import { usualSessions } from './usual-sessions.ts'

const AGENT_TYPE = "it's ../../x 🙂"
const HOUR_MS = 3_600_000
const NO_SUGGESTIONS = { max_active: 0 }

const WORSE = { id: 'worse', callsAfter: () => ({ management: 60, other: 4 }) }
const USUAL = { id: 'usual', callsAfter: () => ({ management: 10, other: 22 }) }

async function startLoop(alerting: object): Promise<LoopService> {
  const directory = await workspace()
  return LoopService.start(directory, {
    agentType: AGENT_TYPE,
    rules: NO_SUGGESTIONS,
    alerting,
    seeded: usualSessions(AGENT_TYPE),
  })
}

function ack(loop: LoopService, sessionId: string): Promise<void> {
  return loop.store.acks.append({
    schema: ACK_SCHEMA,
    at: new Date(NOW_MS).toISOString(),
    agent_type: AGENT_TYPE,
    session_id: sessionId,
    false_alarm: false,
  })
}

test('the session after an alarming one is warned, and the one after a usual one is not', async () => {
  const loop = await startLoop({})
  expect(await loop.runSession(WORSE)).not.toContain('Performance Warning')
  const injected = await loop.startSession('next')
  expect(injected).toMatch(
    /^## Performance Warning\n\nThe last session of this agent \(ended \d{4}-\d\d-\d\d\) was CRITICAL:\n- Tool Overhead 15\.00, usually 0\.4/,
  )
  expect(injected).toContain('## Performance Baselines')
  const [last] = lastInjections(loop.directory)
  expect(last).toMatchObject({ session_id: 'next', agent_type: AGENT_TYPE, hook: 'SessionStart', suggestion_ids: [] })
  expect(last?.characters).toBe(injected.length)
  expect(last?.warning_tokens).toBe(estimateTokens(injected.split('\n\n## Performance Baselines')[0] ?? ''))
  expect(last?.baseline_tokens).toBeGreaterThan(20)
  // Nothing stops an agent unless the configuration says so.
  expect(await loop.prompt('next', 'go on')).toEqual({})
  await loop.runSession(USUAL)
  expect(await loop.startSession('later')).not.toContain('Performance Warning')
  await loop.stop()
})

test('with `confirm` prompts wait for an ack, those of the client itself do not, and 24 h are enough', async () => {
  const loop = await startLoop({ block: 'confirm' })
  expect(await loop.prompt('worse', 'go on')).toEqual({})
  await loop.runSession(WORSE)
  await loop.startSession('next')
  const blocked = (await loop.prompt('next', 'go on')) as { decision: string; reason: string }
  expect(blocked.decision).toBe('block')
  expect(blocked.reason).toContain(`agentperf ack 'it'\\''s ../../x 🙂'`)
  expect(await loop.prompt('next', '<task-notification> done')).toEqual({})
  expect(await loop.prompt('next', 'go on')).toEqual(blocked)
  loop.wait(24 * HOUR_MS)
  expect(await loop.prompt('next', 'go on')).toEqual({})
  await loop.stop()
})

test('only sessions that began after the alarm are stopped: whoever is at work goes on', async () => {
  const loop = await startLoop({ block: 'confirm' })
  await loop.startSession('at-work')
  await loop.runSession(WORSE)
  // The alarming session itself, gone on with.
  expect(await loop.startSession('worse', { source: 'resume' })).toBe('')
  for (const id of ['at-work', 'worse', 'nobody-saw-it-begin']) expect(await loop.prompt(id, 'go on')).toEqual({})
  await loop.startSession('other', { agent_type: 'other' })
  await loop.startSession('cleared', { source: 'clear' })
  expect(await loop.prompt('cleared', 'go on')).toMatchObject({ decision: 'block' })
  expect(await loop.prompt('other', 'go on')).toEqual({})
  await loop.stop()
})

test.for<[name: string, lift: (loop: LoopService) => Promise<unknown>]>([
  ['an ack', (loop) => ack(loop, 'worse')],
  ['one session', (loop) => loop.runSession(USUAL)],
])('%s lifts a block', async ([, lift]) => {
  const loop = await startLoop({ block: 'confirm' })
  await loop.runSession(WORSE)
  await loop.startSession('next')
  expect(await loop.prompt('next', 'go on')).toMatchObject({ decision: 'block' })
  await lift(loop)
  expect(await loop.prompt('next', 'go on')).toEqual({})
  expect(await loop.startSession('later')).not.toContain('Performance Warning')
  await loop.stop()
})

test('the session that ends a block begins another one when it is as bad', async () => {
  const loop = await startLoop({ block: 'confirm' })
  await loop.runSession(WORSE)
  await loop.runSession({ ...WORSE, id: 'as-bad' })
  await ack(loop, 'worse')
  await loop.startSession('next')
  expect(await loop.prompt('next', 'go on')).toMatchObject({
    decision: 'block',
    reason: expect.stringMatching(/last session of this agent \(as-bad,[\s\S]*one as bad blocks anew/),
  })
  await loop.stop()
})

test('an alarm outlives a restart, and so does whom it stops', async () => {
  const first = await startLoop({ block: 'confirm' })
  await first.runSession(WORSE)
  await first.startSession('before')
  await first.stop()
  const again = await LoopService.start(first.directory, { agentType: AGENT_TYPE, alerting: { block: 'confirm' } })
  await again.startSession('after')
  for (const id of ['before', 'after']) expect(await again.prompt(id, 'go on')).toMatchObject({ decision: 'block' })
  await again.stop()
})

test('a session that did nothing, as it was stopped, lifts no block', async () => {
  const loop = await startLoop({ block: 'confirm' })
  await loop.runSession(WORSE)
  await loop.startSession('stopped')
  expect(await loop.prompt('stopped', 'go on')).toMatchObject({ decision: 'block' })
  await loop.endSession('stopped')
  await loop.startSession('next')
  expect(await loop.prompt('next', 'go on')).toMatchObject({ decision: 'block' })
  expect(lastLineOf(loop.directory, AGENT_TYPE)?.session_id).toBe('worse')
  await loop.stop()
})

test('an open session that is critical already is told so once', async () => {
  const loop = await startLoop({})
  await loop.startSession('open')
  for (let n = 0; n < 40; n++)
    await loop.call('open', n, { hook_event_name: 'PostToolUse', tool_name: n % 20 === 0 ? 'Bash' : 'TaskUpdate' })
  let told: unknown = {}
  await expect
    .poll(
      async () => {
        loop.wait(6000)
        await loop.call('open', 1000, { hook_event_name: 'PostToolUse', tool_name: 'TaskUpdate' })
        told = await loop.prompt('open', 'go on')
        return Object.keys(told as object)
      },
      { timeout: 10_000 },
    )
    .toEqual(['hookSpecificOutput'])
  expect(told).toMatchObject({
    hookSpecificOutput: {
      hookEventName: 'UserPromptSubmit',
      additionalContext: expect.stringContaining(
        'This session so far is far from what is usual for this agent:\n- Tool Overhead',
      ),
    },
  })
  const [last] = lastInjections(loop.directory)
  expect(last).toMatchObject({ session_id: 'open', hook: 'UserPromptSubmit' })
  expect(last?.warning_tokens).toBeGreaterThan(10)
  expect(await loop.prompt('open', 'go on')).toEqual({})
  expect(await loop.prompt('another', 'go on')).toEqual({})
  await loop.stop()
})
