import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import type { Batch, Context } from '#src/component.ts'
import { KPI_NAMES } from '#src/kpi/table.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { edgarNadyneLine } from '#src/report/ledger-line.fixture.ts'
import { checkExpressions } from '#src/suggestion/rule.ts'
import { BUILT_IN_RULES } from './built-in-rules.ts'
import { configSchema } from './config.ts'
import { suggestionRules } from './suggestion_rules.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

async function proposed(config: object, line: LedgerLine, ephemeral = false) {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-suggestions-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const received: Batch<'assessment'>[number][] = []
  const items = { received() {}, settled() {}, holding() {}, unknownName() {}, noticed() {} }
  const context = {
    id: 'p/x',
    now: Date.now,
    log: SILENT,
    items,
    store: { directory, ephemeral, suggestions: NO_SUGGESTIONS },
  } as unknown as Context
  const processor = suggestionRules.create(configSchema.parse(config), context, async (batch) => {
    received.push(...batch)
  })
  await processor.start()
  await processor.consume([{ line: { ...line, suggestions: [] }, live: false }])
  await processor.committed?.(received)
  await processor.stop()
  const file = join(directory, 'optimizations', `${line.session_id}.json`)
  return { line: received[0]?.line, suggestions: received[0]?.line.suggestions ?? [], file }
}

/** The mission's reference session; the fixture has no tools. */
const line: LedgerLine = {
  ...edgarNadyneLine(),
  tools: { Read: { calls: 1, failures: 0 }, Write: { calls: 3, failures: 0 } },
}

const THE_FIVE = [
  ['CRITICAL', 'background-agents'],
  ['HIGH', 'batch-task-operations'],
  ['HIGH', 'preload-sources'],
  ['MEDIUM', 'auto-close-tasks'],
  ['MEDIUM', 'idle-timeout'],
]

const NO_SUGGESTIONS = { all: () => [], of: () => [], assignmentsOf: () => [] }

test('Edgar & Nadyne gets the mission’s five suggestions, in the order of its sample report', async () => {
  const { suggestions } = await proposed({ policy: 'seed' }, line)
  expect(suggestions.map(({ priority, rule }) => [priority, rule])).toEqual(THE_FIVE)
})

test.for<{ what: string; tools: LedgerLine['tools']; evidence: string | undefined }>([
  { what: 'no Read at all', tools: { Write: { calls: 5, failures: 0 } }, evidence: 'Read calls: 0' },
  {
    what: 'fewer',
    tools: { Read: { calls: 4, failures: 0 }, Write: { calls: 5, failures: 0 } },
    evidence: 'Read calls: 4',
  },
  {
    what: 'as many',
    tools: { Read: { calls: 5, failures: 0 }, Write: { calls: 5, failures: 0 } },
    evidence: undefined,
  },
  { what: 'no Write', tools: { Read: { calls: 1, failures: 0 } }, evidence: undefined },
  { what: 'neither', tools: { Bash: { calls: 1, failures: 0 } }, evidence: undefined },
])('a translation agent is to read more where it reads less than it writes: $what', async ({ tools, evidence }) => {
  for (const policy of ['standard', 'seed']) {
    const { suggestions } = await proposed({ policy }, { ...line, tools })
    const found = suggestions.find(({ rule }) => rule === 'preload-sources')?.evidence
    if (evidence === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(evidence)
  }
})

test('the ledger line has the hash of the agent’s file', async () => {
  const agents_directory = await mkdtemp(join(tmpdir(), 'agentperf-agents-'))
  onTestFinished(() => rm(agents_directory, { recursive: true }))
  writeFileSync(join(agents_directory, `${line.agent_type}.md`), 'You translate.')
  const started_at = new Date(Date.now() + 60_000).toISOString()
  const { line: judged } = await proposed({ agents_directory }, { ...line, started_at })
  expect(judged?.agent_file_hash).toMatch(/^[0-9a-f]{16}$/)
  expect((await proposed({ agents_directory }, line)).line).not.toHaveProperty('agent_file_hash')
})

test('each has its numbers and what to do, and an id of its agent type and rule', async () => {
  const first = await proposed({ policy: 'seed' }, line)
  const again = await proposed({ policy: 'seed' }, { ...line, session_id: 'another' })
  for (const { evidence, implementation } of first.suggestions) expect([evidence, implementation]).not.toContain('')
  expect(again.suggestions.map(({ id }) => id)).toEqual(first.suggestions.map(({ id }) => id))
  const other = await proposed({ policy: 'seed' }, { ...line, agent_type: 'translation-other' })
  expect(other.suggestions[0]?.id).not.toBe(first.suggestions[0]?.id)
})

test('the file of the session has them in the mission’s schema', async () => {
  const { file } = await proposed({ policy: 'seed' }, line)
  const document = JSON.parse(readFileSync(file, 'utf8'))
  expect(document).toMatchObject({ session_id: line.session_id, agent_type: 'translation-agent' })
  for (const suggestion of document.suggestions) {
    expect(Object.keys(suggestion)).toEqual(
      expect.arrayContaining([
        'id',
        'priority',
        'category',
        'title',
        'description',
        'impact',
        'evidence',
        'implementation',
      ]),
    )
  }
})

test('nothing is written where nothing may be left behind', async () => {
  const { file } = await proposed({ policy: 'seed' }, line, true)
  expect(existsSync(file)).toBe(false)
})

test('a session like its baseline gets none, under the standard policy', async () => {
  const { suggestions, file } = await proposed(
    {},
    {
      ...line,
      kpis: line.baselines,
      deviations: Object.fromEntries(Object.keys(line.deviations).map((kpi) => [kpi, 0])),
      tools: { Read: { calls: 5, failures: 0 }, Write: { calls: 3, failures: 0 } },
    },
  )
  expect([suggestions, existsSync(file)]).toEqual([[], false])
})

test('a rule can be switched off, and a typo in one of your own is found', async () => {
  const { suggestions } = await proposed(
    { policy: 'seed', rules: [{ name: 'background-agents', enabled: false }] },
    line,
  )
  expect(suggestions.map(({ rule }) => rule)).toEqual(THE_FIVE.slice(1).map(([, rule]) => rule))
  const typo = configSchema.safeParse({ rules: [{ name: 'background-agents', when: 'kpis.token_eficiency < 1' }] })
  expect(typo.success).toBe(false)
})

test('a revision without suggestions leaves no file behind, and a session id cannot lead out of the folder', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-suggestions-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const items = { received() {}, settled() {}, holding() {}, unknownName() {}, noticed() {} }
  const context = {
    id: 'p/x',
    now: Date.now,
    log: SILENT,
    items,
    store: { directory, suggestions: NO_SUGGESTIONS },
  } as unknown as Context
  const processor = suggestionRules.create(configSchema.parse({}), context, async () => {})
  const files = (): string[] => readdirSync(join(directory, 'optimizations')).toSorted()
  const hostile = { ...line, session_id: '../../evil' }
  await processor.committed?.([line, hostile].map((one) => ({ line: one, live: false })))
  expect(files()).toEqual([expect.stringMatching(/^__?evil~|^_.*evil~/), `${line.session_id}.json`])
  await processor.committed?.([{ line: { ...line, revision: 2, suggestions: [] }, live: false }])
  await processor.committed?.([{ line: { ...line, session_id: 'open' }, live: true }])
  expect(files()).toEqual([expect.stringContaining('evil')])
  expect(readdirSync(directory)).toEqual(['optimizations'])
})

const OWN_RULE = {
  name: 'fewer-writes',
  when: 'kpis.writes_per_read > 2',
  priority: 'LOW',
  category: 'workflow',
  title: 'Write less',
  description: 'Much is written twice.',
  implementation: 'Think first.',
  impact: { kpi: 'writes_per_read', direction: 'decrease', magnitude: 'half', summary: 'Half the writes' },
}

test('a rule of your own may name your own KPI, and stands behind the built-in ones of its priority', async () => {
  const { suggestions } = await proposed(
    { policy: 'seed', custom_kpis: ['writes_per_read'], rules: [OWN_RULE, { name: 'idle-timeout', priority: 'LOW' }] },
    { ...line, kpis: { ...line.kpis, writes_per_read: 3 } },
  )
  expect(suggestions.map(({ rule }) => rule).slice(-2)).toEqual(['idle-timeout', 'fewer-writes'])
})

test.for<{ name: string; config: object; problems: [path: string, message: RegExp][] }>([
  {
    name: 'a KPI that nobody knows',
    config: { rules: [OWN_RULE] },
    problems: [
      ['rules.0.when', /writes_per_read is unknown/],
      ['rules.0.impact.kpi', /custom_kpis/],
    ],
  },
  {
    name: 'a rule that lacks something, with a name like a built-in one',
    config: { rules: [{ name: 'idle-timeouts', title: 'x' }] },
    problems: [['rules.0', /when, priority.*did you mean the built-in rule idle-timeout\?/]],
  },
  {
    name: 'a rule twice',
    config: { rules: [{ name: 'idle-timeout' }, { name: 'idle-timeout' }] },
    problems: [['rules.1.name', /again/]],
  },
  {
    name: 'a wrong key, and the wrong number behind it',
    config: { policy: 'strict', rules: [{ name: 'idle-timeout', evidence: { x: 'agent_type' } }] },
    problems: [
      ['policy', /standard/],
      ['rules.0.evidence.x', /a number/],
    ],
  },
  {
    name: 'a title that is none, something to do that cannot be seen, and a magnitude that is a page',
    config: {
      rules: [
        {
          name: 'idle-timeout',
          title: 'word '.repeat(500),
          implementation: ' \u200b',
          impact: { kpi: 'error_rate', direction: 'decrease', magnitude: 'half '.repeat(500), summary: 'Half' },
        },
      ],
    },
    problems: [
      ['rules.0.title', /120/],
      ['rules.0.implementation', /can be seen/],
      ['rules.0.impact.magnitude', /60/],
    ],
  },
])('$name is found at its place', ({ config, problems }) => {
  const issues = configSchema.safeParse(config).error?.issues.map(({ path, message }) => [path.join('.'), message])
  expect(issues).toEqual(problems.map(([path, message]) => [path, expect.stringMatching(message)]))
})

test('the README’s example is a valid configuration', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  const example = parse(/```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '')
  expect(configSchema.safeParse(example.processors.suggestion_rules).error).toBeUndefined()
})

test('the built-in rules are six, ranked, and each says what to do', () => {
  expect(BUILT_IN_RULES.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6])
  for (const { when, implementation, evidence } of BUILT_IN_RULES) {
    expect(checkExpressions({ when, evidence }, { kpis: KPI_NAMES, compared: true })).toEqual([])
    expect(implementation.length).toBeGreaterThan(40)
  }
})
