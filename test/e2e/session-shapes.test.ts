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
  // Its transcript is written a moment after what it does: what a killed client never told, nobody can know.
  await until(() => stage.transcriptOf(session).includes('"tool_result"'), 'the client has written what it did')
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

test('what a session did while agentperf was away is read in its transcript', async () => {
  const scripts = { short: [{ say: 'Short.' }], again: [{ say: 'A command.', call: [COMMAND] }, { say: 'Done.' }] }
  const stage = await Stage.start({ scripts, sources: ALL, sets: [SHORT_IDLE] })
  const { session_id } = await stage.claude('[script:short] Be short.').result()
  await stage.assessed(session_id, ({ trigger }) => expect(trigger).toBe('end_signal'))

  // Its hooks and its telemetry find nobody.
  await stage.withoutAgentperf(() => stage.claude('[script:again] Go on.', ['--resume', session_id]).result())
  await stage.settled(session_id, ({ totals, tools }) => {
    expect(totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 2, tool_calls: 1 })
    expect(tools).toEqual({ Bash: { calls: 1, failures: 0 } })
  })
  expect(stage.api.answered).toHaveLength(3)
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

test('a client that is asked to stop still says that its session has ended', async () => {
  const scripts = { stopped: [{ say: 'A command.', call: [COMMAND] }, { hang: true as const }] }
  const stage = await Stage.start({ scripts, sources: ALL })
  const session = crypto.randomUUID()
  const claude = stage.claude('[script:stopped] Wait.', ['--session-id', session])
  await until(() => stage.api.hanging === 1, 'the client waits for its second answer')
  await claude.stop()
  await stage.settled(session, (line) => {
    expect(line.trigger).toBe('end_signal')
    expect(line.totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 1, tool_calls: 1 })
  })
})

test('a compaction is counted as one, and is no subagent', async () => {
  const scripts = { before: [{ say: 'A command.', call: [COMMAND] }, { say: 'Done.' }], after: [{ say: 'Short.' }] }
  const stage = await Stage.start({ scripts, sources: ALL })
  const { session_id } = await stage.claude('[script:before] Begin.').result()
  await stage.claude('/compact', ['--resume', session_id]).result()
  await stage.claude('[script:after] Go on.', ['--resume', session_id]).result()
  await stage.settled(session_id, (line) => {
    // What the compaction asks the model is part of what the session used.
    expect(stage.api.answered.length).toBeGreaterThan(3)
    expect(line.totals).toMatchObject({ ...usageOf(stage.api.answered), prompts: 2, compactions: 1, tool_calls: 1 })
    expect(line.invocations).toEqual([])
  })
})

test('a fork is a session of its own, which counts nothing of what it began with', async () => {
  const scripts = { whole: [{ say: 'A command.', call: [COMMAND] }, { say: 'Done.' }], fork: [{ say: 'Short.' }] }
  const stage = await Stage.start({ scripts, sources: ALL })
  const whole = await stage.claude('[script:whole] Begin.').result()
  const ofWhole = usageOf(stage.api.answered)
  await stage.assessed(whole.session_id, ({ totals }) => expect(totals).toMatchObject({ ...ofWhole, prompts: 1 }))

  const fork = await stage.claude('[script:fork] Go on.', ['--resume', whole.session_id, '--fork-session']).result()
  expect(fork.session_id).not.toBe(whole.session_id)
  const ofFork = usageOf(stage.api.answered.slice(ofWhole.model_calls))
  await stage.settled(fork.session_id, (line) => {
    expect(line.totals).toMatchObject({ ...ofFork, prompts: 1, tool_calls: 0 })
  })
  await stage.assessed(whole.session_id, ({ totals }) => {
    expect(totals).toMatchObject({ ...ofWhole, prompts: 1, tool_calls: 1 })
  })
})

test('tasks are counted where the client has them', async () => {
  const created = ['One', 'Two'].map((subject) => ({ name: 'TaskCreate', input: { subject, description: subject } }))
  const updated = { name: 'TaskUpdate', input: { taskId: '1', status: 'completed' } }
  const scripts = { tasks: [{ say: 'Two.', call: created }, { say: 'One.', call: [updated] }, { say: 'Done.' }] }
  const stage = await Stage.start({ scripts, sources: ALL })
  const { session_id } = await stage
    .claude('[script:tasks] Plan.', ['--allowedTools', 'TaskCreate,TaskUpdate'])
    .result()
  await stage.settled(session_id, ({ totals, kpis }) => {
    expect(totals).toMatchObject({ ...usageOf(stage.api.answered), tasks_created: 2, tasks_completed: 1 })
    expect(kpis.task_completion_rate).toBe(0.5)
  })
})

test('subagents in the foreground, in the background and of a subagent are invocations of their own', async () => {
  const subagent = (script: string, background: boolean) => ({
    name: 'Agent',
    input: {
      subagent_type: 'general-purpose',
      description: script,
      prompt: `[script:${script}] Do it.`,
      run_in_background: background,
    },
  })
  const done = { say: 'Done.' }
  const scripts = {
    // What is in the background ends when it likes: its end may be another turn.
    main: [{ say: 'Two.', call: [subagent('outer', false), subagent('background', true)] }, done, done, done],
    outer: [{ say: 'One more.', call: [subagent('inner', false)] }, done],
    inner: [{ say: 'A command.', call: [COMMAND] }, done],
    background: [{ say: 'A command.', call: [COMMAND] }, done],
  }
  const stage = await Stage.start({ scripts, sources: ALL })
  const { session_id } = await stage.claude('[script:main] Begin.').result()
  const { answered } = stage.api
  await stage.settled(session_id, (line) => {
    expect(line.totals).toMatchObject({ ...usageOf(answered), tool_calls: 5, tool_failures: 0 })
    const outputOf = (script: string) => usageOf(answered.filter((answer) => answer.script === script)).output_tokens
    const outputs = line.invocations.map(({ totals }) => totals.output_tokens)
    expect(outputs.toSorted()).toEqual(['outer', 'inner', 'background'].map(outputOf).toSorted())
    const inner = line.invocations.find(({ totals }) => totals.output_tokens === outputOf('inner'))
    const outer = line.invocations.find(({ totals }) => totals.output_tokens === outputOf('outer'))
    expect(inner?.parent_id).toBe(outer?.invocation_id)
    expect(line.invocations.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
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
