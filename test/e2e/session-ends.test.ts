import { expect, test } from 'vitest'
import { until } from '../crash/agentperf-process.ts'
import { PROTOCOLS } from './sources.ts'
import { Stage, usageOf } from './stage.ts'

const ALL = { otlp: PROTOCOLS[0], hooks: true, transcripts: true }
const SHORT_IDLE = 'processors.session_grouping.idle_timeout=5s'
const COMMAND = { name: 'Bash', input: { command: 'echo hello', description: 'Greet' } }

test('a session ends with its hook, long before it would be idle', async () => {
  const stage = await Stage.start({ scripts: { short: [{ say: 'Short.' }] }, sources: ALL })
  const { session_id } = await stage.claude('[script:short] Be short.').result()
  const line = await stage.settled(session_id, (line) => {
    expect(line.trigger).toBe('end_signal')
    expect(line.totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 1 })
  })
  expect(line.invocations).toEqual([])
})

test('a client that is killed leaves a session that ends when it is idle, with all that was done', async () => {
  const scripts = { killed: [{ say: 'A command.', call: [COMMAND] }, { hang: true as const }] }
  const stage = await Stage.start({ scripts, sources: ALL, sets: [SHORT_IDLE] })
  const session = crypto.randomUUID()
  const claude = stage.claude('[script:killed] Wait.', ['--session-id', session])
  await until(() => stage.api.hanging === 1, 'the client waits for its second answer')
  await claude.kill()
  await stage.settled(session, (line) => {
    expect(line.trigger).toBe('idle')
    expect(line.totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 1, tool_calls: 1 })
    expect(line.tools).toEqual({ Bash: { calls: 1, failures: 0 } })
  })
})

test('a session that is resumed is the same one, with a revision over everything', async () => {
  const scripts = { short: [{ say: 'Short.' }], again: [{ say: 'A command.', call: [COMMAND] }, { say: 'Done.' }] }
  const stage = await Stage.start({ scripts, sources: ALL })
  const { session_id } = await stage.claude('[script:short] Be short.').result()
  const first = await stage.assessed(session_id, (line) => {
    expect(line.totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 1 })
  })

  const resumed = await stage.claude('[script:again] Go on.', ['--resume', session_id]).result()
  expect(resumed.session_id).toBe(session_id)
  const line = await stage.settled(session_id, ({ totals, trigger }) => {
    expect(totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 2, tool_calls: 1 })
    expect(trigger).toBe('end_signal')
  })
  expect(stage.api.answered).toHaveLength(3)
  expect(line.revision).toBeGreaterThan(first.revision)
  expect(line.started_at).toBe(first.started_at)
})

test('a session that the model refuses and in which the user’s rules forbid a tool', async () => {
  const fetch = { name: 'WebFetch', input: { url: 'http://127.0.0.1:1/', prompt: 'Read.' } }
  const scripts = { refused: [{ say: 'The web.', call: [fetch] }, { refuse: 400 }] }
  const stage = await Stage.start({ scripts, sources: ALL })
  const { session_id, is_error } = await stage.claude('[script:refused] Try.').result()
  expect(is_error).toBe(true)
  await stage.settled(session_id, (line) => {
    expect(line.trigger).toBe('end_signal')
    expect(line.totals).toMatchObject({ ...usageOf(stage.api.answered), model_errors: 1, tool_rejections: 1 })
    expect(line.tools).toEqual({})
  })
})

test('the agent type is that of --agent', async () => {
  const stage = await Stage.start({ scripts: { short: [{ say: 'Short.' }] }, sources: ALL })
  const agents = JSON.stringify({ reviewer: { description: 'Reviews code', prompt: 'You review.' } })
  const { session_id } = await stage
    .claude('[script:short] Review.', ['--agents', agents, '--agent', 'reviewer'])
    .result()
  await stage.settled(session_id, (line) => {
    expect(line.agent_type).toBe('reviewer')
    expect(line.totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 1 })
  })
})
