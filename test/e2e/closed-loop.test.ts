import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import type { AssignedEvent } from '#src/model/suggestion.ts'
import { suggestionId } from '#src/suggestion/suggestion-id.ts'
import { LoopHome } from './loop-home.ts'
import type { ToolCall, Turn } from './model-api.ts'
import { seededSessions } from './seeded-sessions.ts'

const AGENT = 'reviewer'
const AGENT_TEXT = `---\nname: ${AGENT}\ndescription: Reviews changes\n---\n\nYou review changes.\n`
const ID = suggestionId(AGENT, 'batch-task-operations')
const TITLE = 'Batch task operations to reduce overhead'
const INJECTED = '## Active Performance Optimizations'
const MAX_SESSIONS = 12

// Not as JSON.stringify would write it, so that only what was kept brings it back.
const SETTINGS = `{"permissions": {"allow": ["Read", "TaskCreate"]},\n\t"hooks": {}, "env": {"MINE": "1"}}`

const OTHER_RULES = [
  'background-agents',
  'preload-sources',
  'auto-close-tasks',
  'idle-timeout',
  'cache-friendly-prompts',
].map((name) => ({ name, enabled: false }))

/** Twenty sessions in which tasks take 40 to 50 % as many calls as the work. */
const SEEDED = seededSessions(AGENT, 'tool_overhead_ratio', {
  n: 40,
  valueIn: (session) => 0.4 + ((session * 7) % 20) / 200,
})

// A file that says nothing of what is injected.
const READ = join(import.meta.dirname, 'unavailable.ts')

/** The model manages tasks 1 time for 24 calls when it is told to, and 12 times otherwise. */
const SCRIPTS = {
  worse: work(20, 10),
  trial: (asked: string) => (asked.includes(TITLE) ? work(1, 24) : work(12, 24)),
}

test('install, twelve sessions at most, proven, promoted, loaded by the client, and nothing left after uninstall', async () => {
  const loop = await LoopHome.start({
    scripts: SCRIPTS,
    settings: SETTINGS,
    agent: { name: AGENT, text: AGENT_TEXT },
    seeded: SEEDED,
    sets: [
      'processors.suggestion_rules.promote=apply',
      `processors.suggestion_rules.rules=${JSON.stringify(OTHER_RULES)}`,
    ],
  })
  const shown = await loop.command('install', 'claude-code', '--todo-tools', '--dry-run')
  expect(readFileSync(loop.settingsPath, 'utf8')).toBe(SETTINGS)
  expect(await loop.command('install', 'claude-code', '--todo-tools')).toBe(shown)
  expect(await loop.command('install', 'claude-code', '--todo-tools')).toContain('nothing to change')

  const worse = await loop.session('[script:worse] Review it.')
  expect(worse.kpis.tool_overhead_ratio).toBeCloseTo(2, 9)
  await loop.told((events) => events.some(({ event }) => event === 'activated'), 'the suggestion is tried')

  const lines: LedgerLine[] = []
  while (lines.length + 1 < MAX_SESSIONS && !loop.events().some(({ event }) => event === 'promoted')) {
    const before = loop.api.asked.length
    const line = await loop.session('[script:trial] Review it.')
    lines.push(line)
    const requests = loop.api.asked.slice(before)
    const assigned = loop.events().find((event): event is AssignedEvent => isAssigned(event, line.session_id))
    expect(requests.length).toBeGreaterThan(0)
    expect(assigned).toBeDefined()
    // What reached the model is what the arm says that was logged before the session.
    for (const { body } of requests) expect(body.includes(INJECTED)).toBe(assigned?.arm === 'treated')
    for (const { body } of requests) expect(body.includes(TITLE)).toBe(assigned?.arm === 'treated')
    expect(line).toMatchObject({
      arm: assigned?.arm,
      optimizations_active: assigned?.arm === 'treated' ? [ID] : [],
      context_characters: expect.any(Number),
      kpis: { tool_overhead_ratio: assigned?.arm === 'treated' ? 1 / 24 : 0.5 },
    })
    await loop.told(
      (events) => events.some(({ event }) => event === 'promoted') || treatedOf(lines) < 3,
      'three treated sessions prove it',
    )
  }
  expect(treatedOf(lines)).toBe(3)
  expect(loop.events().slice(-2)).toMatchObject([
    { event: 'proven', decision_rule: 'fast_lane' },
    { event: 'promoted' },
  ])
  expect(await loop.command('suggestions', 'show', ID)).toMatch(/arrived +in 3 of 3 sessions\n/)
  const promoted = readFileSync(loop.agentPath, 'utf8')
  expect(promoted).toContain(TITLE)

  // The client loads the agent's file as it is now, and the session is told nothing beside it.
  const before = loop.api.asked.length
  const after = await loop.session('[script:trial] Review it.')
  expect(after).toMatchObject({ arm: null, optimizations_active: [], kpis: { tool_overhead_ratio: 1 / 24 } })
  for (const { body } of loop.api.asked.slice(before)) {
    expect(body).toContain(TITLE)
    expect(body).not.toContain(INJECTED)
  }

  // The agentperf that runs does it.
  await loop.command('suggestions', 'revert', ID)
  expect(readFileSync(loop.agentPath, 'utf8')).toBe(AGENT_TEXT)
  await loop.stop()
  await loop.command('uninstall', 'claude-code')
  expect(readFileSync(loop.settingsPath, 'utf8')).toBe(SETTINGS)
  expect(namedIn(loop, '/hooks')).toEqual([])
}, 600_000)

function work(tasks: number, reads: number): readonly Turn[] {
  const task = (n: number): ToolCall => ({
    name: 'TaskCreate',
    input: { subject: `Task ${n}`, description: `What is to be done as task ${n}` },
  })
  const read = (): ToolCall => ({ name: 'Read', input: { file_path: READ } })
  const call = [...Array.from({ length: tasks }, (_, n) => task(n)), ...Array.from({ length: reads }, read)]
  return [{ say: 'All of it.', call }, { say: 'Done.' }]
}

function isAssigned(event: { readonly event: string; readonly session_id?: string }, sessionId: string): boolean {
  return event.event === 'assigned' && event.session_id === sessionId
}

function treatedOf(lines: readonly LedgerLine[]): number {
  return lines.filter(({ arm }) => arm === 'treated').length
}

/** Files of the home, save what agentperf keeps of sessions and the client's own records of them, that hold a text. */
function namedIn({ home, directory }: LoopHome, text: string): readonly string[] {
  const own = [directory, join(home, '.claude', 'projects')]
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !own.some((folder) => path.startsWith(folder)) && readFileSync(path, 'utf8').includes(text))
    .map((path) => relative(home, path))
}
