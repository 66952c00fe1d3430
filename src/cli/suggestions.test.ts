import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { alert, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { RequestWatch } from '#src/service/request-watch.ts'
import { layoutOf } from '#src/store/layout.ts'
import { openStore } from '#src/store/open-store.ts'
import { withPromotion } from '#src/suggestion/agent-file.ts'
import { eventOf, life } from '#src/suggestion/suggestion-event.fixture.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { performRequest } from './change.ts'
import { changes } from './changes.ts'
import { run as check } from './check.ts'
import { loadConfiguration } from './configuration.ts'
import { type MemoryIo, memoryIo } from './memory-io.fixture.ts'
import { run as status } from './status.ts'
import { changeSuggestion, run } from './suggestions.ts'

const NOW_MS = Date.UTC(2026, 10, 21)
const PIPELINES = resolve(import.meta.dirname, '../../pipelines.yaml')

let directory: string
let io: MemoryIo

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-suggestions-'))
  io = memoryIo({ env: { HOME: directory }, cwd: directory, nowMs: () => NOW_MS })
})

afterEach(() => rm(directory, { recursive: true }))

const globals = (): { config: string[]; set: string[]; json: boolean } => ({
  config: [PIPELINES],
  set: [`service.storage.directory=${directory}`],
  json: false,
})

async function fill(lines: readonly LedgerLine[] = []): Promise<void> {
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  await store.commit(lines.map((line) => ({ line, live: false })))
  await store.suggestions.append((['proposed', 'activated', 'assigned', 'injected'] as const).map(eventOf))
  await store.close()
}

const suggestions = (action: 'list' | 'show' | 'disable' | 'enable', more: object = {}): Promise<number> =>
  run({ ...globals(), action, ...more }, io)

test('without suggestions the list says where they come from', async () => {
  expect(await suggestions('list')).toBe(0)
  expect(io.written).toEqual({ out: '', err: expect.stringContaining('no suggestions yet') })
})

test('the list and one suggestion tell its state', async () => {
  await fill()
  expect(await suggestions('list')).toBe(0)
  expect(io.written.out).toMatch(/opt-a +reviewer +active +1 +0 +- +Batch tasks/)
  expect(await suggestions('show', { id: 'a' })).toBe(0)
  expect(io.written.out).toContain('~50% decrease in tool_overhead_ratio')
  io.written.out = ''
  expect(await suggestions('show', { id: 'opt-a', json: true })).toBe(0)
  expect(JSON.parse(io.written.out)).toMatchObject({ id: 'opt-a', state: 'active' })
})

test('one that is switched off is so in the ledger and in active.json, and can be switched on again', async () => {
  await fill()
  expect(await suggestions('disable', { id: 'opt-a' })).toBe(0)
  const active = JSON.parse(await readFile(join(directory, 'optimizations/active.json'), 'utf8'))
  expect(active.suggestions).toMatchObject([{ id: 'opt-a', activation_status: 'disabled' }])
  expect(await suggestions('disable', { id: 'opt-a' })).toBe(1)
  expect(io.written.err).toContain('opt-a is disabled')
  expect(await suggestions('enable', { id: 'opt-a' })).toBe(0)
  const ledger = await readFile(join(directory, 'history/suggestions.jsonl'), 'utf8')
  expect(
    ledger
      .trimEnd()
      .split('\n')
      .slice(-2)
      .map((line) => JSON.parse(line).event),
  ).toEqual(['disabled', 'enabled'])
})

test('what was changed by hand in active.json before is not lost', async () => {
  await fill()
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  await store.suggestions.append(
    (['proposed', 'activated'] as const).map((name) => ({ ...eventOf(name), suggestion_id: 'opt-b' })),
  )
  await store.close()
  expect(await suggestions('disable', { id: 'opt-a' })).toBe(0)
  expect(await suggestions('enable', { id: 'opt-a' })).toBe(0)
  const path = join(directory, 'optimizations/active.json')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('"activation_status": "active"', '"activation_status": "disabled"'))
  expect(await suggestions('disable', { id: 'opt-a' })).toBe(0)
  const active = JSON.parse(await readFile(path, 'utf8'))
  expect(active.suggestions).toMatchObject([
    { id: 'opt-a', activation_status: 'disabled' },
    { id: 'opt-b', activation_status: 'disabled' },
  ])
  const ledger = await readFile(join(directory, 'history/suggestions.jsonl'), 'utf8')
  expect(ledger).toMatch(/"suggestion_id":"opt-b".*"event":"disabled".*by hand/)
})

describe('what is promoted', () => {
  const AGENT = '---\nname: reviewer\n---\nYou review.\n'
  const names = ['proposed', 'activated', 'proven', 'promoted'] as const
  const promoted = (): SuggestionLife => {
    const found = life(...names)
    if (found === undefined) throw new Error('expected a life')
    return found
  }
  let agents: string

  beforeEach(async () => {
    agents = join(directory, 'agents')
    await mkdir(agents)
    const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
    await store.suggestions.append(names.map(eventOf))
    await store.close()
  })

  const settings = (folder: string) => {
    const { set } = globals()
    return { ...globals(), set: [...set, `processors.suggestion_rules.agents_directory=${folder}`] }
  }
  const revert = (folder: string): Promise<number> => run({ ...settings(folder), action: 'revert', id: 'opt-a' }, io)
  const ledger = (): Promise<string> => readFile(join(directory, 'history/suggestions.jsonl'), 'utf8')

  test('is taken out of the agent’s file, which stays as it is otherwise', async () => {
    await writeFile(join(agents, 'reviewer.md'), `${withPromotion(AGENT, promoted())}More.\n`)
    expect(await revert(agents)).toBe(0)
    expect(await readFile(join(agents, 'reviewer.md'), 'utf8')).toBe(`${AGENT}More.\n`)
    expect(await ledger()).toContain('"event":"reverted"')
    expect(await revert(agents)).toBe(1)
    expect(io.written.err).toBe('opt-a is retired: it cannot be reverted.\n')
  })

  test.for<[name: string, text: string | undefined]>([
    ['has no such file', undefined],
    ['has a file without it', AGENT],
    ['has a file with half of it', withPromotion(AGENT, promoted()).replace('agentperf:end', 'end')],
  ])('is not said to be reverted when the folder %s', async ([, text]) => {
    const other = join(directory, 'other')
    await mkdir(other)
    if (text !== undefined) await writeFile(join(other, 'reviewer.md'), text)
    await writeFile(join(agents, 'reviewer.md'), withPromotion(AGENT, promoted()))
    const before = await ledger()
    expect(await revert(other)).toBe(1)
    expect(io.written).toEqual({ out: '', err: expect.stringContaining('opt-a was not found where it was put') })
    expect(await ledger()).toBe(before)
    expect(await revert(agents)).toBe(0)
    expect(await readFile(join(agents, 'reviewer.md'), 'utf8')).toBe(AGENT)
  })

  test('is not on record as reverted when the file cannot be written', async () => {
    // No room for the longer name of a temporary file beside it, whoever runs this.
    const length = (process.platform === 'linux' ? 4096 : 1024) - 20
    let deep = agents
    while (deep.length < length) deep = join(deep, 'x'.repeat(Math.min(200, length - deep.length)))
    await mkdir(deep, { recursive: true })
    const text = withPromotion(AGENT, promoted())
    await writeFile(join(deep, 'reviewer.md'), text)
    await expect(revert(deep)).rejects.toThrow(EnvironmentError)
    await writeFile(join(agents, 'reviewer.md'), text)
    expect(await revert(agents)).toBe(0)
  })

  test('is in its file again when that cannot be put on record', async () => {
    const text = withPromotion(AGENT, promoted())
    await writeFile(join(agents, 'reviewer.md'), text)
    const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
    await store.close()
    const config = await loadConfiguration(settings(agents), io)
    const context = { store, config, io }
    await expect(changeSuggestion.perform({ id: 'opt-a', event: 'reverted' }, context)).rejects.toThrow()
    expect(await readFile(join(agents, 'reviewer.md'), 'utf8')).toBe(text)
  })
})

test('while agentperf runs, it makes the change that a person wants', async () => {
  await fill()
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  const config = await loadConfiguration(globals(), io)
  const requests = new RequestWatch({
    folder: layoutOf(directory).requests,
    perform: (request) => performRequest(request, changes, { store, config, nowMs: () => NOW_MS }),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    nowMs: Date.now,
  })
  requests.start()
  try {
    expect(await suggestions('disable', { id: 'opt-a' })).toBe(0)
    expect(io.written.out).toContain('opt-a (Batch tasks) is disabled.')
    expect(store.suggestions.get('opt-a')?.state).toBe('disabled')
    expect(await suggestions('disable', { id: 'opt-a' })).toBe(1)
    expect(io.written.err).toContain('opt-a is disabled: it cannot be disabled.')
    expect(await suggestions('disable', { id: 'nobody' })).toBe(1)
    expect(await readFile(join(directory, 'optimizations/active.json'), 'utf8')).toContain('disabled')
  } finally {
    await requests.stop()
    await store.close()
  }
})

test('it is told whether what was injected arrived', async () => {
  await fill([ledgerLine({ session_id: 's1', agent_type: 'reviewer', context_characters: 480 })])
  expect(await suggestions('show', { id: 'opt-a' })).toBe(0)
  expect(io.written.out).toMatch(/arrived +in 1 of 1 sessions\n/)
  expect(await suggestions('show', { id: 'opt-a', json: true })).toBe(0)
  expect(io.written.out).toContain('"arrived": 1')
})

test('of a subagent it is told in the line of its session', async () => {
  const invocation = {
    invocation_id: 'a1',
    parent_id: null,
    agent_type: 'reviewer',
    status: 'success',
    kpis: {},
    totals: {},
  } as const
  await fill([
    ledgerLine({ session_id: 's2', context_characters: 0, invocations: [{ ...invocation, context_characters: 500 }] }),
  ])
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  const injected = eventOf('injected')
  if (injected.event !== 'injected') throw new Error('expected another event')
  await store.suggestions.append([{ ...injected, session_id: 's2', agent_id: 'a1' }])
  await store.close()
  expect(await suggestions('show', { id: 'opt-a' })).toBe(0)
  expect(io.written.out).toMatch(/arrived +in 1 of 2 sessions, unknown of 1\n/)
})

test('of one that is proven the lines for the agent’s file are shown', async () => {
  await fill()
  const path = join(directory, 'optimizations/proposals/opt-a.md')
  const text = '<!-- agentperf:begin opt-a -->\n## Optimization: Batch tasks\n<!-- agentperf:end opt-a -->\n'
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  expect(await suggestions('show', { id: 'opt-a' })).toBe(0)
  expect(io.written.out).not.toContain('agentperf:begin')
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  await store.suggestions.append([eventOf('proven')])
  await store.close()
  expect(await suggestions('show', { id: 'opt-a' })).toBe(0)
  expect(io.written.out).toContain(`\n${path} has the lines for the file of reviewer, marks included`)
  expect(io.written.out.endsWith(`\n\n${text}`)).toBe(true)
  io.written.out = ''
  expect(await suggestions('show', { id: 'opt-a', json: true })).toBe(0)
  expect(JSON.parse(io.written.out).proposal).toEqual({ path, text })
  await rm(path)
  expect(await suggestions('show', { id: 'opt-a', json: true })).toBe(0)
})

test('an id that nobody has is a finding', async () => {
  await fill()
  expect(await suggestions('show', { id: 'nope' })).toBe(1)
  expect(io.written.err).toContain('found none for "nope"')
})

const BAD = ledgerLine({
  session_id: 'bad',
  agent_type: 'reviewer',
  ended_at: '2026-02-11T09:30:00.000Z',
  alert_level: 'CRITICAL',
  alerts: [alert({ severity: 'CRITICAL', message: 'Error Rate 17 %' })],
})
const GOOD = ledgerLine({ session_id: 'good', agent_type: 'tester' })

test.for([
  { name: 'all is well', lines: [GOOD], code: 0, out: '1 of 1 agent types pass' },
  { name: 'one is critical', lines: [GOOD, BAD], code: 1, out: 'CRITICAL reviewer (session bad)\n  Error Rate 17 %' },
  {
    name: 'the last session is fine',
    lines: [BAD, { ...BAD, ...GOOD, agent_type: 'reviewer', ended_at: '2026-02-12T09:30:00.000Z' }],
    code: 0,
    out: '1 of 1',
  },
  { name: 'nothing is there', lines: [], code: 0, out: '' },
])('check ends with $code when $name', async ({ lines, code, out }) => {
  await fill(lines)
  expect(await check(globals(), io)).toBe(code)
  expect(io.written.out).toContain(out)
})

test.for(['', 'missing'])('check of what is no storage directory does not pass: %j', async (name) => {
  const set = [`service.storage.directory=${join(directory, name)}`]
  expect(await check({ ...globals(), set }, io)).toBe(2)
  expect(io.written.out).toBe('')
  expect(io.written.err).toContain('there is nothing to judge')
})

test('check of a storage directory without sessions says that there is nothing to judge', async () => {
  await fill()
  expect(await check(globals(), io)).toBe(0)
  expect(io.written.err).toContain('there is nothing to judge')
})

test('check of an agent type without sessions does not pass', async () => {
  await fill([GOOD])
  expect(await check({ ...globals(), agentType: 'testre' }, io)).toBe(1)
  expect(await check({ ...globals(), agentType: 'tester', json: true }, io)).toBe(0)
  expect(JSON.parse(io.written.out)).toMatchObject([{ agent_type: 'tester', status: 'PASS' }])
})

test('status tells agents, suggestions and how agentperf does', async () => {
  await fill([GOOD, { ...BAD, optimizations_active: ['opt-a'], completeness: 0.5 }])
  expect(await status(globals(), io)).toBe(0)
  expect(io.written.out).toMatch(/reviewer +CRITICAL +1 +1 active/)
  expect(io.written.out).toMatch(/tester +PASS +1/)
  expect(io.written.out).toContain('KPIs measured: 75% of those that the last sessions should have\n')
  expect(io.written.out).not.toMatch(/[-–] |-$/m)
  io.written.out = ''
  expect(await status({ ...globals(), json: true }, io)).toBe(0)
  const told = JSON.parse(io.written.out)
  expect(told.metrics).toEqual({ coverage: 0.75, sessions_with_injection: 0.5 })
  expect(told.agents).toMatchObject([
    { agent_type: 'reviewer', acknowledged: false, stale: true, incomplete_share: 1 },
    { agent_type: 'tester', incomplete_share: 0 },
  ])
})

test('status has what people said of alarms, how fast sessions were assessed, and what is to be looked at again', async () => {
  await fill([GOOD, BAD])
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  const ack = {
    schema: 1,
    at: '2026-02-12T00:00:00.000Z',
    agent_type: 'reviewer',
    session_id: 'bad',
    false_alarm: true,
  }
  await store.acks.append(ack)
  await store.acks.append({ ...ack, agent_type: 'tester', session_id: 'other', false_alarm: false })
  await store.suggestions.append((['proven', 'promoted'] as const).map(eventOf))
  store.notes.set('service', 'analysis_latency_ms', [100, 200, 300])
  await store.close()
  io = memoryIo({ env: io.env, cwd: io.cwd, nowMs: () => NOW_MS + 200 * 86_400_000 })
  expect(await status({ ...globals(), json: true }, io)).toBe(0)
  const { metrics, agents, reviews } = JSON.parse(io.written.out)
  expect(metrics).toMatchObject({ false_alarms: 0.5, proven: 1, promoted: 1 })
  expect(metrics.analysis_latency_p99_seconds).toBeCloseTo(0.298, 6)
  expect(agents[0]).toMatchObject({ agent_type: 'reviewer', acknowledged: true })
  expect(await check(globals(), io)).toBe(1)
  expect(io.written.out).toContain('CRITICAL reviewer (session bad, acknowledged 2026-02-12 00:00 UTC)')
  expect(reviews).toMatchObject([{ id: 'opt-a', agent_type: 'reviewer' }])
  io.written.out = ''
  expect(await status(globals(), io)).toBe(0)
  expect(io.written.out).toMatch(/reviewer +CRITICAL \(seen\)/)
  expect(io.written.out).toContain(
    'assessment: at most 0.3 s after the end, in 99 of 100 sessions that said that they ended',
  )
  expect(io.written.out).toContain('to be looked at again: opt-a of reviewer')
})
