import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Context, Next, Processor } from '#src/component.ts'
import type { Session } from '#src/model/session.ts'
import type { Span } from '#src/model/telemetry.ts'
import { Accounting } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { configSchema } from './config.ts'
import { sessionGrouping } from './session_grouping.ts'

const T0 = Date.UTC(2026, 1, 12, 18, 0)
const MINUTE = 60_000
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

let directory: string
let store: OpenStore
let accounting: Accounting
let progress: InputProgress
let nowMs: number
let ended: Session[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-grouping-'))
  nowMs = T0 + 24 * 60 * MINUTE
  await reopen()
  ended = []
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

async function reopen(): Promise<void> {
  store = await openStore({ directory, mode: 'write', nowMs: () => nowMs })
  accounting = new Accounting()
  progress = new InputProgress()
}

const collect: Next<'session'> = async (sessions) => {
  ended.push(...sessions)
}

function create(config: object = {}, next = collect): Processor<'telemetry'> {
  const context: Context = {
    id: 'p/session_grouping',
    log: SILENT,
    now: () => nowMs,
    items: accounting.itemsOf('grouping'),
    progress: progress.of('grouping'),
    store,
    decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
  }
  return sessionGrouping.create(configSchema.parse(config), context, next)
}

let serial = 0
function span(minute: number, session: string | undefined, name = 'hook:notification'): Span {
  const startMs = T0 + minute * MINUTE
  return {
    kind: 'span',
    traceId: String(serial++),
    spanId: 'x',
    name,
    startMs,
    endMs: startMs,
    status: 'ok',
    attributes: { 'session.id': session },
    resource: { attributes: {} },
    scope: { name: '' },
  }
}

/** Says that all input known at this minute was read, and waits until what follows from it is done. */
async function scanned(grouping: Processor<'telemetry'>, minute: number): Promise<void> {
  progress.of('files').scanned(T0 + minute * MINUTE)
  await grouping.consume([])
}

const ids = (): string[] => ended.map(({ id }) => id)
const settled = () => accounting.components().get('grouping')?.settled

test('an idle session ends when all input known since then was read, not before', async () => {
  progress.of('files').scanned(0)
  const grouping = create()
  await grouping.start()
  await grouping.consume([span(0, 's1'), span(100, 's2')])
  await scanned(grouping, 30)
  expect(ids()).toEqual([])
  await scanned(grouping, 31)
  expect(ids()).toEqual(['s1'])
  expect(ended[0]).toMatchObject({ trigger: 'idle', revision: 1, agentType: 'default' })
  await grouping.stop()
})

test('sessions that end together are handed on in the order of their ends, ties by id', async () => {
  const grouping = create()
  await grouping.start()
  await grouping.consume([span(9, 'late'), span(5, 'b'), span(1, 'early'), span(5, 'a')])
  await scanned(grouping, 500)
  expect(ids()).toEqual(['early', 'a', 'b', 'late'])
  await grouping.stop()
})

test('while many sessions end, others have their turn in between', async () => {
  let clockMs = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => clockMs)
  onTestFinished(() => clock.mockRestore())
  const grouping = create({}, async (sessions) => {
    clockMs += 10
    await collect(sessions)
  })
  await grouping.start()
  await grouping.consume([1, 2, 3, 4].map((minute) => span(minute, `s${minute}`)))
  const endedAtTurns = new Set<number>()
  let turn = setImmediate(function next() {
    endedAtTurns.add(ended.length)
    turn = setImmediate(next)
  })
  await grouping.endOfInput?.()
  clearImmediate(turn)
  expect([...endedAtTurns]).toEqual(expect.arrayContaining([1, 2, 3]))
  expect(ids()).toEqual(['s1', 's2', 's3', 's4'])
  await grouping.stop()
})

test('an end signal ends a session at once', async () => {
  const grouping = create()
  await grouping.start()
  await grouping.consume([span(0, 's1'), span(1, 's1', 'hook:session-end')])
  await scanned(grouping, 2)
  expect(ended).toMatchObject([{ id: 's1', trigger: 'end_signal' }])
  await grouping.stop()
})

test('stopping ends nothing, and the next start goes on with the open session', async () => {
  const grouping = create()
  await grouping.start()
  await grouping.consume([span(0, 's1', 'hook:skill-activation-prompt')])
  await grouping.stop()
  await store.close()
  expect(ended).toEqual([])
  await reopen()
  const again = create()
  await again.start()
  await again.consume([span(5, 's1', 'hook:skill-activation-prompt')])
  await again.endOfInput?.()
  expect(ended).toMatchObject([{ id: 's1', prompts: 2, trigger: 'end_of_input' }])
  await again.stop()
})

test('a session whose hand-over failed is handed on by the next start, with the same revision', async () => {
  const grouping = create({}, async () => {
    throw new Error('the process dies here')
  })
  await grouping.start()
  await grouping.consume([span(0, 's1')])
  await expect(grouping.endOfInput?.()).rejects.toThrow('the process dies here')
  await grouping.stop()
  await store.close()
  await reopen()
  const again = create()
  await again.start()
  expect(ended).toMatchObject([{ id: 's1', revision: 1, trigger: 'end_of_input' }])
  await again.stop()
})

test('a session that was refused downstream is handed on again at the next look', async () => {
  let full = true
  const grouping = create({}, async (sessions) => {
    if (full) throw new Error('disk full')
    ended.push(...sessions)
  })
  await grouping.start()
  await grouping.consume([span(0, 's1'), span(1, 's2')])
  await scanned(grouping, 100)
  full = false
  await scanned(grouping, 101)
  expect(ended.map(({ id, revision }) => [id, revision])).toEqual([
    ['s1', 1],
    ['s2', 1],
  ])
  await grouping.stop()
})

test('a session that can never be assessed is given up, and those behind it go on', async () => {
  const grouping = create({}, async (sessions) => {
    if (sessions[0]?.id === 's1') throw new RangeError('Invalid time value')
    ended.push(...sessions)
  })
  await grouping.start()
  await grouping.consume([span(0, 's1'), span(1, 's2')])
  await grouping.endOfInput?.()
  expect(ids()).toEqual(['s2'])
  expect(accounting.components().get('grouping')?.noticed).toEqual({ session_failed: 1 })
  await grouping.stop()
})

test('times that no date can have are dropped', async () => {
  const grouping = create()
  await grouping.start()
  await grouping.consume([
    { ...span(0, 's1'), startMs: -1e17 },
    { ...span(0, 's1'), endMs: 9e15 },
  ])
  expect(settled()).toEqual({ 'dropped:implausible_time': 2 })
  await grouping.stop()
})

test('late activity reopens a session and gives the next revision over everything', async () => {
  const grouping = create()
  await grouping.start()
  await grouping.consume([span(0, 's1', 'hook:skill-activation-prompt')])
  await scanned(grouping, 100)
  await grouping.consume([span(40, 's1', 'hook:skill-activation-prompt')])
  await scanned(grouping, 200)
  expect(ended.map(({ revision, prompts }) => [revision, prompts])).toEqual([
    [1, 1],
    [2, 2],
  ])
  await grouping.stop()
})

test('after a restart too, late activity gives the next revision over everything', async () => {
  for (const minute of [0, 40, 80]) {
    const grouping = create()
    await grouping.start()
    await grouping.consume([span(minute, 's1', 'hook:skill-activation-prompt')])
    await scanned(grouping, minute + 60)
    await grouping.stop()
    await store.close()
    await reopen()
  }
  expect(ended.map(({ revision, prompts }) => [revision, prompts])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
})

test('a duplicate reopens nothing', async () => {
  const grouping = create()
  await grouping.start()
  const item = span(0, 's1')
  await grouping.consume([item])
  await scanned(grouping, 100)
  await grouping.consume([item])
  await scanned(grouping, 200)
  expect(ids()).toEqual(['s1'])
  expect(settled()).toEqual({ used: 1, duplicate: 1 })
  await grouping.stop()
})

test('what comes after the reopen window is dropped as late', async () => {
  nowMs = T0 + 40 * 24 * 60 * MINUTE
  const grouping = create({ reopen_window: '1d' })
  await grouping.start()
  await grouping.consume([span(0, 's1')])
  await scanned(grouping, 100)
  await grouping.consume([span(2 * 24 * 60, 's1')])
  expect(settled()).toEqual({ used: 1, 'dropped:late': 1 })
  await grouping.stop()
})

test('with too many open sessions the quietest end, and say why', async () => {
  const grouping = create({ max_open_sessions: 16 })
  await grouping.start()
  await grouping.consume(Array.from({ length: 17 }, (_, n) => span(n, `s${n}`)))
  expect(ended).toMatchObject([{ id: 's0', trigger: 'limit' }])
  await grouping.stop()
})

test('items without a session id are held, and only so many', async () => {
  const grouping = create({ max_held: 2 })
  await grouping.start()
  await grouping.consume([span(0, 's1'), span(10, 's1'), ...[4, 5, 6].map((minute) => span(minute, undefined))])
  const before = accounting.components().get('grouping')
  expect([before?.held, before?.settled]).toEqual([2, { used: 2, unattributed: 1 }])
  await scanned(grouping, 100)
  const after = accounting.components().get('grouping')
  expect([after?.held, after?.settled]).toEqual([0, { used: 4, unattributed: 1 }])
  await grouping.stop()
})

test('held items survive a restart', async () => {
  const grouping = create()
  await grouping.start()
  await grouping.consume([span(0, 's1'), span(5, undefined, 'hook:skill-activation-prompt'), span(10, 's1')])
  await grouping.stop()
  await store.close()
  await reopen()
  const again = create()
  await again.start()
  await again.endOfInput?.()
  expect(ended).toMatchObject([{ id: 's1', prompts: 1 }])
  await again.stop()
})

test('what is saved of held items stays when the next start fails, and one that cannot be read is counted', async () => {
  const grouping = create()
  await grouping.start()
  await grouping.consume([span(5, undefined), span(6, undefined)])
  await grouping.stop()
  await store.close()
  // Another component of the graph fails before this one has started.
  await reopen()
  const saved = store.notes.get('p/session_grouping', 'held')
  create()
  await store.close()
  await reopen()
  expect(store.notes.get('p/session_grouping', 'held')).toBe(saved)
  const items: unknown[] = JSON.parse(String(saved))
  store.notes.set('p/session_grouping', 'held', JSON.stringify([...items, { source: 'of_the_future' }]))
  const again = create()
  await again.start()
  const counts = accounting.components().get('grouping')
  expect([counts?.held, counts?.settled]).toEqual([2, { 'dropped:unreadable': 1 }])
  await again.stop()
})

test('the agent type is what the configuration says, else what telemetry tells, else the default', async () => {
  const told = { ...span(0, 's1'), attributes: { 'session.id': 's1', 'agentperf.agent_type': 'reviewer' } }
  for (const [config, agentType] of [
    [{ agent_type: 'forced' }, 'forced'],
    [{ default_agent_type: 'main' }, 'reviewer'],
  ] as const) {
    const grouping = create(config)
    await grouping.start()
    await grouping.consume([
      { ...told, traceId: agentType, attributes: { ...told.attributes, 'session.id': agentType } },
    ])
    await grouping.endOfInput?.()
    await grouping.stop()
    expect(ended.at(-1)?.agentType).toBe(agentType)
  }
})
