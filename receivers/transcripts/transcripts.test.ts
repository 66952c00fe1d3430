import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type * as z from 'zod'
import type { Logger, Next, Receiver } from '#src/component.ts'
import type { LogRecord, Telemetry } from '#src/model/telemetry.ts'
import { Accounting, unaccounted } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { configSchema } from './config.ts'
import {
  assistant,
  bare,
  codex,
  copied,
  type Message,
  prompt,
  SECRET,
  START_MS,
  system,
  toolResult,
  toolUse,
} from './lines.fixture.ts'
import { transcripts } from './transcripts.ts'

const NOW_MS = Date.UTC(2026, 10, 21)
const ID = 'transcripts/test'
const ROLLOUT = 'codex/rollout-2026-11-20T10-00-00-01a1f87b-c149-7503-949f-8fccf96fa1a0.jsonl'

let folder: string
let store: OpenStore
let accounting: Accounting
let received: LogRecord[]
let logged: unknown[]
let receivers: Receiver[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-transcripts-'))
  store = await openState()
  accounting = new Accounting()
  received = []
  logged = []
  receivers = []
})

afterEach(async () => {
  for (const receiver of receivers) await receiver.stop()
  for (const account of accounting.components().values()) expect(unaccounted(account)).toBe(0)
  await store.close()
  await rm(folder, { recursive: true })
})

function openState(): Promise<OpenStore> {
  return openStore({ directory: join(folder, 'state'), mode: 'write', nowMs: () => NOW_MS })
}

const accept: Next<'telemetry'> = async (batch) => {
  for (const item of batch) received.push(logRecord(item))
}

function logRecord(item: Telemetry): LogRecord {
  if (item.kind !== 'log') throw new Error(`expected a log record, got a ${item.kind}`)
  return item
}

function create(config: Partial<z.input<typeof configSchema>> = {}, next = accept): Receiver {
  const at = (level: string) => (fields: unknown, message: string) => {
    logged.push({ level, fields, message })
  }
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const receiver = transcripts.create(
    configSchema.parse({ include: [join(folder, 'files/**/*.jsonl')], poll_interval: '20ms', ...config }),
    {
      id: ID,
      log,
      now: () => NOW_MS,
      items: accounting.itemsOf(ID),
      progress: new InputProgress().of(ID),
      store,
      decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
    },
    next,
  )
  receivers.push(receiver)
  return receiver
}

async function write(name: string, ...lines: readonly string[]): Promise<void> {
  const path = join(folder, 'files', name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, lines.map((line) => `${line}\n`).join(''))
}

async function readOnce(config: Partial<z.input<typeof configSchema>> = {}): Promise<void> {
  const receiver = create({ follow: false, ...config })
  await receiver.start()
  await receiver.finished
  await receiver.stop()
}

function settled(): Readonly<Record<string, number>> {
  const account = accounting.components().get(ID)
  return { received: account?.received ?? 0, ...account?.settled }
}

const events = (): unknown[] => received.map(({ eventName }) => eventName)

/** The only record's attributes, without those that every record has. */
function onlyAttributes(): unknown {
  expect(received.length).toBe(1)
  const { 'session.id': session, 'record.id': record, ...attributes } = received[0]?.attributes ?? {}
  return JSON.parse(JSON.stringify(attributes))
}

describe('lines of Claude Code', () => {
  test.for<{ name: string; line: string; event: string; attributes?: object }>([
    {
      name: 'a message: its usage and tools, nothing that was said',
      line: assistant(1, { content: [{ type: 'text', text: SECRET }, toolUse('t1', 'Bash')] }),
      event: 'message',
      attributes: {
        'message.id': 'msg_1',
        request_id: 'req_msg_1',
        model: 'opus',
        input_tokens: 10,
        output_tokens: 100,
        cache_read_tokens: 5000,
        cache_creation_tokens: 200,
        reasoning_tokens: 7,
        stop_reason: 'tool_use',
        tool_uses: [{ tool_use_id: 't1', tool_name: 'Bash' }],
      },
    },
    {
      name: 'an error of the API that the client shows as a message',
      line: assistant(1, { model: '<synthetic>' }, { isApiErrorMessage: true }),
      event: 'api_error',
    },
    { name: 'another message that no model wrote', line: assistant(1, { model: '<synthetic>' }), event: 'presence' },
    {
      name: 'a prompt',
      line: prompt(1, SECRET, { promptId: 'p1' }),
      event: 'prompt',
      attributes: { 'prompt.id': 'p1' },
    },
    { name: 'a prompt of an old client', line: prompt(1), event: 'prompt', attributes: {} },
    { name: 'a prompt in parts', line: prompt(1, [{ type: 'text', text: SECRET }]), event: 'prompt' },
    { name: 'a command', line: prompt(1, '<command-name>/clear</command-name>'), event: 'presence' },
    { name: 'output of a command', line: prompt(1, '<local-command-stdout>x'), event: 'presence' },
    {
      name: 'an interruption',
      line: prompt(1, [{ type: 'text', text: '[Request interrupted by user]' }]),
      event: 'presence',
    },
    { name: 'what the client adds', line: prompt(1, SECRET, { isMeta: true }), event: 'presence' },
    { name: 'the summary after a compaction', line: prompt(1, SECRET, { isCompactSummary: true }), event: 'presence' },
    { name: 'a compaction', line: system(1, 'compact_boundary'), event: 'compaction' },
    { name: 'another notice of the client', line: system(1, 'stop_hook_summary'), event: 'presence' },
    {
      name: 'a tool that worked',
      line: toolResult(1, 't1'),
      event: 'tool_result',
      attributes: { tool_results: [{ tool_use_id: 't1', is_error: false }] },
    },
    {
      name: 'a tool that failed',
      line: toolResult(1, 't1', { toolUseResult: `Error: ${SECRET}` }, true),
      event: 'tool_result',
      attributes: { tool_results: [{ tool_use_id: 't1', is_error: true }] },
    },
    {
      name: 'a tool that was refused',
      line: toolResult(1, 't1', { permissionDecision: { decision: 'reject' } }, true),
      event: 'tool_result',
      attributes: { tool_results: [{ tool_use_id: 't1', is_error: true }], rejected: true },
    },
    {
      name: 'a task that was created',
      line: toolResult(1, 't1', { toolUseResult: { task: { id: '4', subject: SECRET } } }),
      event: 'tool_result',
      attributes: {
        tool_results: [{ tool_use_id: 't1', is_error: false }],
        task_id: '4',
        task_change: 'created',
        task_status: 'pending',
      },
    },
    {
      name: 'a task that was completed',
      line: toolResult(1, 't1', {
        toolUseResult: { success: true, taskId: '4', statusChange: { from: 'pending', to: 'completed' } },
      }),
      event: 'tool_result',
      attributes: {
        tool_results: [{ tool_use_id: 't1', is_error: false }],
        task_id: '4',
        task_change: 'updated',
        task_status: 'completed',
      },
    },
    {
      name: 'a to-do list: what is new in it and what has changed',
      line: toolResult(1, 't1', {
        toolUseResult: {
          oldTodos: [
            { id: '1', content: SECRET, status: 'pending' },
            { id: '2', content: SECRET, status: 'pending' },
          ],
          newTodos: [
            { id: '1', content: SECRET, status: 'completed' },
            { id: '2', content: SECRET, status: 'pending' },
            { id: '3', content: SECRET, status: 'in_progress' },
          ],
        },
      }),
      event: 'tool_result',
      attributes: {
        tool_results: [{ tool_use_id: 't1', is_error: false }],
        todos: [
          { task_id: '1', task_change: 'updated', task_status: 'completed' },
          { task_id: '3', task_change: 'created', task_status: 'in_progress' },
        ],
      },
    },
    {
      name: 'a subagent that has ended',
      line: toolResult(1, 't1', {
        toolUseResult: {
          status: 'completed',
          agentId: 'a1',
          agentType: 'Explore',
          totalDurationMs: 900,
          prompt: SECRET,
        },
      }),
      event: 'tool_result',
      attributes: {
        tool_results: [{ tool_use_id: 't1', is_error: false }],
        subagent_id: 'a1',
        subagent_type: 'Explore',
        subagent_status: 'completed',
        subagent_duration_ms: 900,
      },
    },
  ])('$name', async ({ line, event, attributes }) => {
    await write('p/s1.jsonl', line)
    await readOnce()
    expect(events()).toEqual([`claude_transcript.${event}`])
    expect(received[0]).toMatchObject({
      timeMs: START_MS + 1000,
      attributes: { 'session.id': 's1' },
      resource: { attributes: { 'service.name': 'claude-code', 'service.version': '2.1.328' } },
    })
    if (attributes !== undefined) expect(onlyAttributes()).toEqual(attributes)
    expect(JSON.stringify([received, logged])).not.toContain(SECRET)
  })

  test('a to-do item without an id is told apart by a hash, which says nothing', async () => {
    const todos = (status: string) => [{ content: SECRET, status }]
    await write(
      'p/s1.jsonl',
      toolResult(1, 't1', { toolUseResult: { oldTodos: [], newTodos: todos('pending') } }),
      toolResult(2, 't2', { toolUseResult: { oldTodos: todos('pending'), newTodos: todos('completed') } }),
    )
    await readOnce()
    const ids = received.map(({ attributes }) => JSON.stringify(attributes.todos).match(/todo-\w+/)?.[0])
    expect(ids[0]).toBe(ids[1])
    expect(JSON.stringify(received)).not.toContain(SECRET)
  })

  test('kinds that say nothing are counted, unknown ones are named, broken ones have their reason', async () => {
    await write(
      'p/s1.jsonl',
      bare('summary', { summary: SECRET }),
      bare('cost-state'),
      bare('brand-new'),
      bare(`a name that could be ${SECRET}`),
      '{"cut":',
      prompt(1, SECRET, { timestamp: 'soon' }),
      prompt(1, SECRET, { timestamp: '1999-01-01T00:00:00Z' }),
      prompt(1, SECRET, { sessionId: undefined }),
      prompt(1),
      `${'{"type":"x"'}${' '.repeat(5000)}}`,
    )
    await readOnce({ max_line_size: '4KiB' })
    expect(settled()).toEqual({
      received: 10,
      used: 1,
      'ignored:record_not_used': 2,
      'ignored:unknown_record_type': 2,
      'dropped:invalid_json': 1,
      'dropped:invalid_time': 1,
      'dropped:implausible_time': 1,
      'dropped:missing_session': 1,
      'dropped:line_too_long': 1,
    })
    expect(accounting.components().get(ID)?.unknownNames).toEqual({
      'transcript_line:brand-new': 1,
      '(other)': 1,
    })
    expect(JSON.stringify(logged)).not.toContain(SECRET)
  })

  test('the agent that a session was started with is the type of all that its main agent does', async () => {
    await write('p/s1.jsonl', bare('agent-setting', { agentSetting: 'my-reviewer' }), prompt(1), assistant(2))
    await readOnce()
    expect(received.map(({ resource }) => resource.attributes['agentperf.agent_type'])).toEqual([
      'my-reviewer',
      'my-reviewer',
    ])
  })

  test('a subagent’s file: where it begins, what type it has, and how its last message ended', async () => {
    const inSubagent = { isSidechain: true, agentId: 'a1' }
    await write(
      'p/s1/subagents/agent-a1.jsonl',
      prompt(1, SECRET, { ...inSubagent, parentUuid: null }),
      assistant(2, { stopReason: 'end_turn' }, inSubagent),
    )
    await writeFile(join(folder, 'files/p/s1/subagents/agent-a1.meta.json'), JSON.stringify({ agentType: 'Explore' }))
    await readOnce()
    expect(events()).toEqual(['claude_transcript.subagent_start', 'claude_transcript.message'])
    for (const { attributes } of received) expect(attributes).toMatchObject({ agent_id: 'a1', agent_type: 'Explore' })
  })

  test('an old client’s subagent has the type that the call asked for', async () => {
    await write(
      'p/s1.jsonl',
      assistant(1, { content: [toolUse('t1', 'Task', { subagent_type: 'Plan', prompt: SECRET })] }),
      toolResult(2, 't1', { toolUseResult: { status: 'completed', agentId: 'a1' } }),
    )
    await readOnce()
    expect(received[1]?.attributes).toMatchObject({ subagent_id: 'a1', subagent_type: 'Plan' })
  })
})

describe('copies of lines', () => {
  const first: Message = { id: 'msg_1' }
  const lines = [prompt(1), assistant(2, first), toolResult(3, 't1')]
  const fork = [...lines.map((line) => copied(line, 's2')), prompt(9, SECRET, { sessionId: 's2' })]

  test('in a fork’s file count once', async () => {
    await write('p/s1-2026-11-19.jsonl', ...lines)
    await write('p/s2-2026-11-20.jsonl', ...fork)
    await readOnce()
    expect(received.map(({ attributes }) => attributes['session.id'])).toEqual(['s1', 's1', 's1', 's2'])
    expect(settled()).toEqual({ received: 7, used: 4, duplicate: 3 })
  })

  test('are still known after a restart', async () => {
    await write('p/s1-2026-11-19.jsonl', ...lines)
    await readOnce()
    await store.close()
    store = await openState()
    await write('p/s2-2026-11-20.jsonl', ...fork)
    await readOnce()
    expect(settled()).toEqual({ received: 7, used: 4, duplicate: 3 })
  })

  test('of a branch belong to the session that they name, whichever file is read first', async () => {
    const branch = lines.map((line) => copied(line, 's2', { forkedFrom: { sessionId: 's1', messageUuid: 'u' } }))
    await write('p/s2-2026-11-19.jsonl', ...branch)
    await write('p/s1-2026-11-20.jsonl', ...lines)
    await readOnce()
    expect(received.map(({ attributes }) => attributes['session.id'])).toEqual(['s1', 's1', 's1'])
  })

  test('a file that was written anew gives nothing twice', async () => {
    await write('p/s1.jsonl', ...lines)
    await readOnce()
    await write('p/s1.jsonl', ...lines.slice(0, 2))
    await readOnce()
    expect(received.length).toBe(3)
  })

  test('of a Codex fork are known by turn and response, whenever they were copied', async () => {
    const usage = { input_tokens: 9, output_tokens: 1 }
    const turn = '01a1f87b-c15d-7a33-ae39-d8e8fba1ee9d'
    const call = (second: number) => codex(second, 'token_usage_record', { turn_id: turn, response_id: 'r1', usage })
    await write(ROLLOUT, call(1))
    await write(ROLLOUT.replace('01a1f87b', '01a1ffff'), call(90_000))
    await readOnce()
    expect(settled()).toEqual({ received: 2, used: 1, duplicate: 1 })
  })

  describe('of a Codex fork that have no ids are known by what they say and their place among their like', () => {
    const THREAD = '01a1f87b-c149-7503-949f-8fccf96fa1a0'
    const FORK = THREAD.replace('01a1f87b', '01a1ffff')
    const meta = (second: number, id: string) =>
      codex(second, 'session_meta', { id, timestamp: new Date(START_MS).toISOString() })
    const turn = (second: number, id = '01a1f87b-c15d-7a33-ae39-d8e8fba1ee9d') =>
      codex(second, 'turn_context', { turn_id: id })
    const asked = (second: number, message = SECRET, fields = {}) =>
      codex(second, 'event_msg', { type: 'user_message', message, ...fields })
    const item = (second: number, text: string) =>
      codex(second, 'event_msg', { type: 'item_completed', item: { type: 'UserMessage', content: [{ text }] } })
    const compacted = (second: number) => codex(second, 'compacted', { message: SECRET })
    const usedUp = (second: number, tokens: number) =>
      codex(second, 'token_usage_record', { usage: { input_tokens: tokens, output_tokens: 1 } })
    const secondsOfUsed = () =>
      received
        .filter(({ eventName }) => eventName !== 'codex_rollout.presence')
        .map(({ timeMs }) => (timeMs - START_MS) / 1000)

    test.for<{ name: string; parent: readonly string[]; fork: readonly string[]; used: readonly number[] }>([
      {
        name: 'a prompt, which a newer Codex wrote anew with more fields',
        parent: [asked(1)],
        fork: [asked(91, SECRET, { images: [], text_elements: [] }), asked(99, 'else')],
        used: [1, 99],
      },
      {
        name: 'the same prompt again',
        parent: [asked(1), asked(2)],
        fork: [asked(91), asked(91), asked(99)],
        used: [1, 2, 99],
      },
      {
        name: 'a prompt of a turn',
        parent: [turn(0), asked(1)],
        fork: [turn(90), asked(91), asked(99)],
        used: [1, 99],
      },
      { name: 'an item', parent: [item(1, 'a')], fork: [item(91, 'a'), item(99, 'b')], used: [1, 99] },
      { name: 'a compaction', parent: [compacted(1)], fork: [compacted(91), compacted(99)], used: [1, 99] },
      { name: 'a response', parent: [usedUp(1, 9)], fork: [usedUp(91, 9), usedUp(99, 8)], used: [1, 99] },
    ])('$name', async ({ parent, fork, used }) => {
      await write(ROLLOUT, meta(0, THREAD), ...parent)
      await write(ROLLOUT.replace(THREAD, FORK), meta(90, FORK), meta(90, THREAD), ...fork)
      await readOnce()
      expect(secondsOfUsed()).toEqual(used)
      expect(JSON.stringify(received)).not.toContain(SECRET)
    })

    test('also in the fork of a fork, and in one that is read after a restart', async () => {
      await write(ROLLOUT, meta(0, THREAD), asked(1))
      await write(ROLLOUT.replace(THREAD, FORK), meta(90, FORK), meta(90, THREAD), asked(90), asked(91, 'of the fork'))
      await readOnce()
      await store.close()
      store = await openState()
      const third = THREAD.replace('01a1f87b', '01a2ffff')
      const copies = [meta(200, FORK), meta(200, THREAD), asked(200), asked(200, 'of the fork')]
      await write(ROLLOUT.replace(THREAD, third), meta(200, third), ...copies, asked(201, 'of the third'))
      await readOnce()
      expect(secondsOfUsed()).toEqual([1, 91, 201])
    })

    test('a prompt that is repeated after a restart is no copy of the first', async () => {
      await write(ROLLOUT, meta(0, THREAD), asked(1))
      await readOnce()
      await appendFile(join(folder, 'files', ROLLOUT), `${asked(2)}\n`)
      await readOnce()
      expect(secondsOfUsed()).toEqual([1, 2])
    })

    test('nor is one after a restart within a turn; copies are known again from the next turn on', async () => {
      const next = '01a1f87b-d15d-7a33-ae39-d8e8fba1ee9d'
      await write(ROLLOUT, meta(0, THREAD), turn(0), asked(1))
      await readOnce()
      const more = [turn(2), asked(3), turn(4, next), asked(5)]
      await appendFile(join(folder, 'files', ROLLOUT), more.map((line) => `${line}\n`).join(''))
      await readOnce()
      const copies = [turn(90), asked(91), asked(92), turn(93, next), asked(94)]
      await write(ROLLOUT.replace(THREAD, FORK), meta(90, FORK), meta(90, THREAD), ...copies)
      await readOnce()
      // The repeated prompt had no id that its copy could be known by.
      expect(secondsOfUsed()).toEqual([1, 3, 5, 92])
    })
  })

  test.for([
    { by: 'its turn', turn: { turn_id: '01a1f87b-c15d-7a33-ae39-d8e8fba1ee9d' } },
    { by: 'the thread that it was written for', turn: {} },
  ])(
    'of totals in the fork of an old Codex are known by $by; what the fork began with is not its own',
    async ({ turn }) => {
      const meta = (second: number, id: string) =>
        codex(second, 'session_meta', { id, timestamp: new Date(START_MS).toISOString() })
      const total = (second: number, tokens: number, last: number) => {
        const usage = (total: number) => ({ total_tokens: total, input_tokens: total, output_tokens: 0 })
        const info = { total_token_usage: usage(tokens), last_token_usage: usage(last) }
        return codex(second, 'event_msg', { type: 'token_count', info })
      }
      const spent = (second: number) => [
        codex(second, 'turn_context', turn),
        total(second, 30, 30),
        total(second, 50, 20),
      ]
      await write(ROLLOUT, meta(0, 'parent'), ...spent(1))
      const own = [codex(90_002, 'turn_context', turn), total(90_003, 57, 7)]
      await write(
        ROLLOUT.replace('01a1f87b', '01a1ffff'),
        meta(90_000, 'fork'),
        meta(90_001, 'parent'),
        ...spent(90_001),
        ...own,
      )
      await readOnce()
      const totals = received.filter(({ eventName }) => eventName === 'codex_rollout.token_count')
      expect(totals.map(({ attributes }) => [attributes.total_tokens, attributes.last_input_tokens])).toEqual([
        [30, 30],
        [50, 20],
        [57, 7],
      ])
      expect(new Set(totals.map(({ attributes }) => attributes['session.id'])).size).toBe(2)
    },
  )
})

test('a Codex rollout: the thread in its name is the session, and nothing that was said is kept', async () => {
  const turn = { turn_id: '01a1f87b-c15d-7a33-ae39-d8e8fba1ee9d' }
  await write(
    ROLLOUT,
    codex(0, 'session_meta', { id: 'x', cli_version: '0.169.0', base_instructions: SECRET }),
    codex(1, 'turn_context', { ...turn, model: 'gpt' }),
    codex(2, 'event_msg', {
      ...turn,
      type: 'item_completed',
      item: { type: 'UserMessage', id: 'i1', content: SECRET },
    }),
    codex(3, 'response_item', { type: 'function_call', name: 'shell', arguments: SECRET, call_id: 'c1' }),
    codex(4, 'token_usage_record', { ...turn, response_id: 'r1', usage: { input_tokens: 9, cached_input_tokens: 4 } }),
    codex(5, 'response_item', { type: 'function_call_output', call_id: 'c1', output: SECRET }),
    codex(6, 'event_msg', { type: 'exec_command_end', call_id: 'c1', exit_code: 3, stdout: SECRET }),
    codex(7, 'compacted', { message: SECRET }),
    codex(8, 'event_msg', { type: 'token_count', info: { total_token_usage: { total_tokens: 10, input_tokens: 9 } } }),
    codex(9, 'world_state', {}),
    codex(9, 'brand-new', {}),
  )
  await readOnce()
  expect(events()).toEqual(
    [
      'presence',
      'presence',
      'prompt',
      'tool_call',
      'model_call',
      'tool_output',
      'tool_end',
      'compaction',
      'token_count',
    ].map((event) => `codex_rollout.${event}`),
  )
  for (const { attributes } of received) expect(attributes['session.id']).toBe('01a1f87b-c149-7503-949f-8fccf96fa1a0')
  expect(received[4]).toMatchObject({
    attributes: { 'response.id': 'r1', model: 'gpt', input_tokens: 9, cached_input_tokens: 4 },
    resource: { attributes: { 'service.name': 'codex', 'service.version': '0.169.0' } },
  })
  expect(received[6]?.attributes.outcome).toBe('failed')
  expect(settled()).toMatchObject({ 'ignored:record_not_used': 1, 'ignored:unknown_record_type': 1 })
  expect(JSON.stringify(received)).not.toContain(SECRET)
})

describe('following', () => {
  test('goes on where it was, and takes up what is appended and what is new', async () => {
    await write('p/s1.jsonl', prompt(1))
    await readOnce()
    await create().start()
    await appendFile(join(folder, 'files/p/s1.jsonl'), `${assistant(2)}\n`)
    await write('p/s9/subagents/agent-a1.jsonl', prompt(3))
    await vi.waitFor(() => expect(received.length).toBe(3), { timeout: 20_000 })
    expect(settled()).toEqual({ received: 3, used: 3 })
  })

  test('a batch that the next stage refuses is offered again, each line once', async () => {
    let refusals = 2
    await write('p/s1.jsonl', prompt(1), assistant(2))
    const receiver = create({ follow: false }, async (batch) => {
      if (refusals-- > 0) throw new Error('queue full')
      await accept(batch)
    })
    await receiver.start()
    await receiver.finished
    expect(settled()).toEqual({ received: 2, used: 2 })
    expect(received.length).toBe(2)
  })
})
