import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { memoryIo } from '#src/cli/memory-io.fixture.ts'
import { run as suggestions } from '#src/cli/suggestions.ts'
import type { AssignedEvent, SuggestionEvent } from '#src/model/suggestion.ts'
import { lastInjections } from '#src/store/read-injections.ts'
import { suggestionId } from '#src/suggestion/suggestion-id.ts'
import { readLedgerFile, workspace } from './harness.ts'
import { LoopService } from './loop-service.ts'
import { usualSessions } from './usual-sessions.ts'

const AGENT_TYPE = 'reviewer'
const ID = suggestionId(AGENT_TYPE, 'batch-task-operations')
const ONLY_THIS_RULE = {
  rules: ['background-agents', 'preload-sources', 'auto-close-tasks', 'idle-timeout', 'cache-friendly-prompts'].map(
    (name) => ({ name, enabled: false }),
  ),
}
const TITLE = 'Batch task operations to reduce overhead'

const WORSE = { id: 'worse', callsAfter: () => ({ management: 30, other: 20 }) }

async function startLoop(rules: object = {}, place?: string): Promise<LoopService> {
  const directory = place ?? join(await workspace(), 'state')
  return LoopService.start(directory, {
    agentType: AGENT_TYPE,
    rules: { ...ONLY_THIS_RULE, ...rules },
    seeded: place === undefined ? usualSessions(AGENT_TYPE) : [],
  })
}

test('a suggestion is proposed, tried by lot, injected in its arm alone, proven at the third session and kept', async () => {
  const loop = await startLoop()
  expect(await loop.runSession(WORSE)).not.toContain(TITLE)
  const told = new Map<string, string>()
  for (let n = 1; n <= 12 && stateOf(loop) !== 'proven'; n++) {
    const id = `trial-${n}`
    const injected = await loop.runSession({
      id,
      callsAfter: (text) => (text.includes(TITLE) ? { management: 1, other: 30 } : { management: 16, other: 30 + n }),
    })
    told.set(id, injected)
  }
  expect(active(loop).suggestions).toMatchObject([
    {
      id: ID,
      source_session: 'worse',
      agent_type: AGENT_TYPE,
      activation_status: 'proven',
      decision_rule: 'fast_lane',
      tracking: { session_count: 3, effectiveness: 'PROVEN', promotion_eligible: true },
    },
  ])
  const events = eventsOf(loop)
  const assigned = events.filter((event): event is AssignedEvent => event.event === 'assigned')
  expect(assigned.map(({ session_id }) => session_id)).toEqual([...told.keys()])
  // The arm was logged before the session knew anything.
  for (const { session_id, arm } of assigned) expect(told.get(session_id)?.includes(TITLE)).toBe(arm === 'treated')
  const injected = events.filter(({ event }) => event === 'injected')
  expect(injected).toHaveLength(3)
  const onRecord = [...lastInjections(loop.directory)].filter(({ suggestion_ids }) => suggestion_ids.includes(ID))
  expect(onRecord.map(({ session_id }) => session_id).toReversed()).toEqual(
    assigned.filter(({ arm }) => arm === 'treated').map(({ session_id }) => session_id),
  )
  expect(events.filter(({ event }) => event !== 'assigned' && event !== 'injected').map(({ event }) => event)).toEqual([
    'proposed',
    'activated',
    'provisional',
    'proven',
  ])
  const lines = await readLedgerFile(loop.directory)
  for (const { session_id, arm } of assigned) {
    const line = lines.find((one) => one.session_id === session_id)
    expect(line).toMatchObject({ arm, optimizations_active: arm === 'treated' ? [ID] : [] })
  }
  // What is proven is told to every session until it is promoted.
  expect(await loop.startSession('later')).toContain(TITLE)
  await loop.stop()
})

test('the impact that is told is within 5 % of what comes out by hand', async () => {
  const loop = await startLoop({ decision: 'seed', max_active: 1 })
  await loop.runSession(WORSE)
  const calls = [
    { management: 2, other: 30 },
    { management: 5, other: 31 },
    { management: 9, other: 33 },
  ]
  for (const [n, each] of calls.entries()) await loop.runSession({ id: `t${n}`, callsAfter: () => each })
  // The mission's moving average of the twenty sessions before, spelt out: α is 0.2, and 1 / n as long as that is more.
  let usual = 0
  for (const [n, { kpis }] of usualSessions(AGENT_TYPE).entries()) {
    const value = kpis.tool_overhead_ratio ?? Number.NaN
    usual += Math.max(1 / (n + 1), 0.2) * (value - usual)
  }
  const byHand = calls.map(({ management, other }) => (management / other - usual) / usual)
  const [{ tracking } = { tracking: undefined }] = active(loop).suggestions
  expect(tracking?.impact_results).toHaveLength(3)
  for (const [n, { kpi_before, kpi_after, delta }] of (tracking?.impact_results ?? []).entries()) {
    expect(errorOf(kpi_before, usual)).toBeLessThan(0.05)
    expect(errorOf((kpi_after - kpi_before) / kpi_before, byHand[n])).toBeLessThan(0.05)
    expect(errorOf(Number.parseFloat(delta) / 100, byHand[n])).toBeLessThan(0.05)
  }
  const average = -byHand.reduce((sum, one) => sum + one, 0) / byHand.length
  expect(errorOf(Number.parseFloat(tracking?.avg_improvement ?? '') / 100, average)).toBeLessThan(0.05)
  const verdict = eventsOf(loop).find((event) => event.event === 'proven')
  expect(errorOf(verdict?.evidence.average_change ?? Number.NaN, average)).toBeLessThan(0.05)
  await loop.stop()
})

test('what is proven is put into the agent’s file, kept there, and told to no session any more', async () => {
  const place = await workspace()
  const agents = join(place, 'agents')
  mkdirSync(agents)
  const agent = '---\nname: reviewer\ndescription: Reviews\n---\nYou review.\n'
  writeFileSync(join(agents, 'reviewer.md'), agent)
  const rules = { ...ONLY_THIS_RULE, decision: 'seed', promote: 'apply', agents_directory: agents }
  const directory = join(place, 'state')
  const loop = await LoopService.start(directory, { agentType: AGENT_TYPE, rules, seeded: usualSessions(AGENT_TYPE) })
  await loop.runSession(WORSE)
  for (let n = 1; n <= 3; n++) await loop.runSession({ id: `t${n}`, callsAfter: () => ({ management: 1, other: 40 }) })
  expect(eventsOf(loop).slice(-2)).toMatchObject([
    { event: 'proven' },
    { event: 'promoted', reason: 'written into reviewer.md' },
  ])
  const promoted = readFileSync(join(agents, 'reviewer.md'), 'utf8')
  expect(promoted).toMatch(/^---\nname: reviewer[\s\S]*You review\.[\s\S]*## Optimization: Batch task operations/)
  expect(readFileSync(join(directory, `optimizations/backups/${ID}.md`), 'utf8')).toBe(agent)
  expect(readFileSync(join(directory, `optimizations/proposals/${ID}.md`), 'utf8')).toContain('Proven in 3 sessions')
  await loop.runSession({ id: 'later', callsAfter: () => ({ management: 1, other: 40 }) })
  expect(await loop.startSession('even-later')).not.toContain(TITLE)
  expect(readFileSync(join(agents, 'reviewer.md'), 'utf8')).toBe(promoted)
  await loop.stop()
  const io = memoryIo({ env: { HOME: place }, cwd: place })
  const sets = [`service.storage.directory=${directory}`, `processors.suggestion_rules.agents_directory=${agents}`]
  const pipelines = resolve(import.meta.dirname, '../../pipelines.yaml')
  expect(await suggestions({ action: 'revert', id: ID, json: false, config: [pipelines], set: sets }, io)).toBe(0)
  expect(readFileSync(join(agents, 'reviewer.md'), 'utf8')).toBe(agent)
})

test('a proposal that a person puts into the agent’s file is promoted, and told to no session any more', async () => {
  const place = await workspace()
  const agents = join(place, 'agents')
  mkdirSync(agents)
  const path = join(agents, 'reviewer.md')
  writeFileSync(path, 'You review.\n')
  const rules = { ...ONLY_THIS_RULE, decision: 'seed', agents_directory: agents }
  const directory = join(place, 'state')
  const loop = await LoopService.start(directory, { agentType: AGENT_TYPE, rules, seeded: usualSessions(AGENT_TYPE) })
  await loop.runSession(WORSE)
  for (let n = 1; n <= 4; n++) await loop.runSession({ id: `t${n}`, callsAfter: () => ({ management: 1, other: 40 }) })
  expect(stateOf(loop)).toBe('proven')
  const proposal = readFileSync(join(directory, `optimizations/proposals/${ID}.md`), 'utf8')
  const pasted = `You review.\n\n${proposal}\nAnd this, too.\n`
  writeFileSync(path, pasted)
  await loop.runSession({ id: 'later', callsAfter: () => ({ management: 1, other: 40 }) })
  expect(eventsOf(loop).at(-1)).toMatchObject({ event: 'promoted', reason: 'found in reviewer.md' })
  expect(await loop.startSession('even-later')).not.toContain(TITLE)
  expect(readFileSync(path, 'utf8')).toBe(pasted)
  await loop.stop()
})

test('what is promoted and helps no more is taken out of the agent’s file and tried again', async () => {
  const place = await workspace()
  const agents = join(place, 'agents')
  mkdirSync(agents)
  const agent = '---\nname: reviewer\ndescription: Reviews\n---\nYou review.\n'
  writeFileSync(join(agents, 'reviewer.md'), agent)
  const rules = { ...ONLY_THIS_RULE, promote: 'apply', agents_directory: agents }
  const loop = await LoopService.start(join(place, 'state'), {
    agentType: AGENT_TYPE,
    rules,
    seeded: usualSessions(AGENT_TYPE),
  })
  const isPromoted = (): boolean => readFileSync(join(agents, 'reviewer.md'), 'utf8') !== agent
  const said = (): boolean => eventsOf(loop).some(({ event }) => event === 'reopened')
  const good = { management: 1, other: 30 }
  const usual = (n: number) => ({ management: 16, other: 30 + n })
  await loop.runSession(WORSE)
  for (let n = 1; n <= 12 && !isPromoted(); n++) {
    await loop.runSession({ id: `trial-${n}`, callsAfter: (text) => (text.includes(TITLE) ? good : usual(n)) })
  }
  expect(isPromoted()).toBe(true)
  for (let n = 1; n <= 10; n++) await loop.runSession({ id: `good-${n}`, callsAfter: () => good })
  expect(said()).toBe(false)
  for (let n = 1; n <= 10 && !said(); n++) await loop.runSession({ id: `bad-${n}`, callsAfter: () => usual(n) })
  expect(eventsOf(loop).slice(-2)).toMatchObject([
    { event: 'reopened', reason: 'tool_overhead_ratio fell back after the promotion', evidence: { limit: 7 } },
    { event: 'activated' },
  ])
  expect(readFileSync(join(agents, 'reviewer.md'), 'utf8')).toBe(agent)
  await loop.stop()
})

test('what does not help is retired and archived with its reason', async () => {
  const loop = await startLoop({ decision: 'seed' })
  await loop.runSession(WORSE)
  for (let n = 1; n <= 3; n++) {
    const injected = await loop.runSession({ id: `t${n}`, callsAfter: () => ({ management: 18, other: 40 }) })
    expect(injected).toContain(TITLE)
  }
  expect(active(loop).suggestions).toEqual([])
  const archive = JSON.parse(readFileSync(join(loop.directory, 'optimizations/archive.json'), 'utf8'))
  expect(archive.suggestions).toMatchObject([
    {
      id: ID,
      outcome: 'ineffective',
      decision_rule: 'seed_2_of_3',
      archive_reason: expect.stringMatching(/3 sessions/),
    },
  ])
  await loop.runSession({ ...WORSE, id: 'worse-again' })
  expect(await loop.startSession('later')).not.toContain(TITLE)
  await loop.stop()
})

test('a hand edit of active.json switches a suggestion off, is on record and outlives a restart', async () => {
  const loop = await startLoop({ decision: 'seed' })
  await loop.runSession(WORSE)
  const path = join(loop.directory, 'optimizations/active.json')
  const edited = readFileSync(path, 'utf8').replace('"activation_status": "active"', '"activation_status": "disabled"')
  writeFileSync(path, edited.replace(TITLE, 'Something else'))
  await loop.stop()
  const again = await startLoop({ decision: 'seed' }, loop.directory)
  expect(await again.startSession('s1')).not.toContain(TITLE)
  expect(active(again).suggestions).toMatchObject([{ id: ID, activation_status: 'disabled', title: TITLE }])
  expect(eventsOf(again).at(-1)).toMatchObject({ event: 'disabled', reason: expect.stringContaining('by hand') })
  await again.stop()
})

test('a resumed session is told nothing again, and a compacted one what its arm has', async () => {
  const loop = await startLoop({ decision: 'seed' })
  await loop.runSession(WORSE)
  expect(await loop.startSession('s1')).toContain(TITLE)
  expect(await loop.startSession('s1', { source: 'resume' })).toBe('')
  expect(await loop.startSession('s1', { source: 'compact' })).toContain(TITLE)
  expect(await loop.startSession('unknown', { source: 'compact' })).not.toContain(TITLE)
  expect(await loop.startSession('s2', { agent_type: 'somebody-else' })).toBe('')
  await loop.stop()
})

function eventsOf({ directory }: LoopService): readonly SuggestionEvent[] {
  const text = readFileSync(join(directory, 'history/suggestions.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** As a share of what is right. */
function errorOf(found: number, right: number | undefined): number {
  return right === undefined ? Number.NaN : Math.abs((found - right) / right)
}

interface Active {
  readonly activation_status: string
  readonly tracking: {
    readonly impact_results: readonly {
      readonly kpi_before: number
      readonly kpi_after: number
      readonly delta: string
    }[]
    readonly avg_improvement: string
  }
}

function active({ directory }: LoopService): { readonly suggestions: readonly Active[] } {
  return JSON.parse(readFileSync(join(directory, 'optimizations/active.json'), 'utf8'))
}

function stateOf(loop: LoopService): string | undefined {
  return active(loop).suggestions[0]?.activation_status
}
