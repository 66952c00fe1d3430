import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { SuggestionEvent } from '#src/model/suggestion.ts'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { openStore } from '#src/store/open-store.ts'
import { eventOf } from '#src/suggestion/suggestion-event.fixture.ts'
import { Trials } from './trials.ts'

const agentFile = (name: string): string => `---\nname: ${name}\n---\nYou review.\n`

async function makeTrials() {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-trials-'))
  const store = await openStore({ directory, mode: 'write', nowMs: Date.now })
  onTestFinished(async () => {
    await store.close()
    await rm(directory, { recursive: true })
  })
  const agents = join(directory, 'agents')
  await mkdir(agents)
  const warnings: string[] = []
  const warn = (fields: object, message: string): void => void warnings.push(`${message} ${JSON.stringify(fields)}`)
  const log = { debug() {}, info() {}, warn, error: warn }
  const optimizations = join(directory, 'optimizations')
  const trials = new Trials({
    config: { decision: 'trial', max_active: 3, promote: 'apply', agents_directory: agents },
    context: { store, log, now: Date.now },
    rules: [],
    directory: optimizations,
  })
  const settle = (agent_type: string, session_id: string): Promise<void> =>
    trials.settle({ line: ledgerLine({ agent_type, session_id }), live: false, sessionsSoFar: 1 })
  return { store, trials, agents, optimizations, warnings, settle }
}

function eventsFor(id: string, agentType: string, ...names: SuggestionEvent['event'][]): readonly SuggestionEvent[] {
  return names.map((name) => ({ ...eventOf(name), suggestion_id: id, agent_type: agentType }))
}

test('an agent’s file that cannot be changed stops no other agent type, is told once and tried again', async () => {
  const { store, agents, optimizations, warnings, settle } = await makeTrials()
  await store.suggestions.append(eventsFor('opt-a', 'bad', 'proposed', 'activated', 'proven'))
  await store.suggestions.append(eventsFor('opt-b', 'good', 'proposed', 'activated', 'proven'))
  const bad = join(agents, 'bad.md')
  await symlink(bad, bad)
  await writeFile(join(agents, 'good.md'), agentFile('good'))
  for (const session of ['s1', 's2']) {
    await settle('bad', session)
    await settle('good', session)
  }
  expect(store.suggestions.get('opt-a')?.state).toBe('proven')
  expect(existsSync(join(optimizations, 'proposals/opt-a.md'))).toBe(true)
  expect(store.suggestions.get('opt-b')?.state).toBe('promoted')
  expect(warnings).toEqual([expect.stringMatching(/stays proven.*opt-a.*bad\.md/)])
  await rm(bad)
  await writeFile(bad, agentFile('bad'))
  await settle('bad', 's3')
  expect(store.suggestions.get('opt-a')?.state).toBe('promoted')
  expect(readFileSync(bad, 'utf8')).toContain('agentperf:begin opt-a')
  expect(warnings).toHaveLength(1)
})

type Changed = { digest?: string; suggestions: { activation_status?: string }[] }

test.for<{ name: string; change: (document: Changed) => void; said: readonly RegExp[] }>([
  { name: 'a file without a digest', change: (document) => void delete document.digest, said: [] },
  {
    name: 'a file with another entry that is malformed',
    change: ({ suggestions }) => void delete suggestions[0]?.activation_status,
    said: [/changed by hand.*suggestions\[0\]/],
  },
])('$name is an edit: what is well formed is taken over, what is not is told', async ({ change, said }) => {
  const { store, trials, optimizations, warnings } = await makeTrials()
  for (const id of ['opt-a', 'opt-b']) await store.suggestions.append(eventsFor(id, 'x', 'proposed', 'activated'))
  await trials.renewFiles()
  const path = join(optimizations, 'active.json')
  const document = JSON.parse(readFileSync(path, 'utf8'))
  document.suggestions[1].activation_status = 'disabled'
  change(document)
  writeFileSync(path, JSON.stringify(document))
  for (let n = 0; n < 2; n++) await trials.renewFiles()
  expect(store.suggestions.get('opt-a')?.state).toBe('active')
  expect(store.suggestions.get('opt-b')?.state).toBe('disabled')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    digest: expect.any(String),
    suggestions: [{ activation_status: 'active' }, { activation_status: 'disabled' }],
  })
  expect(warnings).toEqual(said.map((text) => expect.stringMatching(text)))
})

test('why what is proven stays a proposal is said once, not after each session', async () => {
  const { store, warnings, settle } = await makeTrials()
  await store.suggestions.append(eventsFor('opt-a', 'reviewer', 'proposed', 'activated', 'proven'))
  for (const session of ['s1', 's2']) await settle('reviewer', session)
  expect(warnings).toEqual([expect.stringMatching(/stays proven.*there is no file reviewer\.md/)])
  expect(store.suggestions.get('opt-a')?.state).toBe('proven')
})
