import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerStart, type StartKnowledge } from './answer-start.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { injectedText, MAX_INJECTED_TOKENS } from './injected-text.ts'
import { life } from './suggestion-event.fixture.ts'
import type { SuggestionLife } from './suggestion-life.ts'

const SEED = 20261121
const AT = '2026-11-20T12:00:00.000Z'
const STRATUM = { model: null, agent_version: null }
const START = {
  sessionId: 's9',
  hook: 'SessionStart' as const,
  agentType: 'reviewer',
  stratum: STRATUM,
  isNew: true,
  at: AT,
}

/** Twenty sessions with three KPIs; lower is better for the second. */
const HISTORY = {
  agentType: 'reviewer',
  sessionCount: 20,
  window: Array.from({ length: 20 }, (_, n) => ({
    endedAt: AT,
    kpis: {
      task_completion_rate: 0.8 + n / 200,
      tool_overhead_ratio: 0.4 + ((n * 7) % 20) / 100,
      error_rate: n % 4 === 0 ? 0.1 : 0,
    },
  })),
}

function active(changes: Partial<SuggestionLife> = {}): SuggestionLife {
  const found = life('proposed', 'activated')
  if (found === undefined) throw new Error('expected a life')
  return { ...found, ...changes }
}

function knowledge(changes: Partial<StartKnowledge> = {}): StartKnowledge {
  return {
    lives: [active({ trial: seedTrial() })],
    assignments: [],
    history: HISTORY,
    salt: 'x',
    warning: '',
    ...changes,
  }
}

function seedTrial(): NonNullable<SuggestionLife['trial']> {
  const { trial } = active()
  if (trial === undefined) throw new Error('expected a trial')
  return { ...trial, decision: 'seed' }
}

test('what a treated session is told', () => {
  const { text } = answerStart(START, knowledge())
  expect(`${text}\n`).toBe(readFileSync(join(import.meta.dirname, 'golden/injected.md'), 'utf8'))
})

test('tables have the end of the better side: low for what should be low', () => {
  const { text } = answerStart(START, knowledge())
  const [, , , best = ''] =
    text
      .split('\n')
      .find((row) => row.startsWith('| Tool Overhead'))
      ?.split(' | ') ?? []
  expect(Number.parseFloat(best)).toBeLessThan(0.45)
})

test.for<[name: string, knowledge: StartKnowledge]>([
  ['nothing is known', knowledge({ lives: [], history: undefined })],
  ['too few sessions are known', knowledge({ lives: [], history: { ...HISTORY, window: HISTORY.window.slice(0, 4) } })],
  ['all is over', knowledge({ lives: [active({ state: 'retired' })], history: undefined })],
])('where %s nothing is said or recorded', ([, known]) => {
  expect(answerStart(START, known)).toEqual({ text: '', events: [] })
})

test('an assignment is kept, and what began before it gets none', () => {
  const { events } = answerStart(START, knowledge())
  expect(events.map(({ event }) => event)).toEqual(['assigned', 'injected'])
  const control = {
    sessionId: 's9',
    arms: { 'opt-a': 'control' as const },
    block: 1,
    blockSize: 2,
    place: 0,
    stratum: STRATUM,
  }
  expect(answerStart(START, knowledge({ assignments: [control] })).events).toEqual([])
  expect(answerStart({ ...START, isNew: false }, knowledge()).events).toEqual([])
})

test('what is proven is told to all, beside at most three in all', () => {
  const proven = active({ id: 'opt-p', state: 'proven', title: 'Proven one' })
  const many = ['a', 'b', 'c'].map((id) => active({ id, trial: seedTrial() }))
  expect(answerStart(START, knowledge({ lives: [proven] })).text).toContain('Proven one')
  const { events } = answerStart(START, knowledge({ lives: [proven, ...many] }))
  expect(events.filter(({ event }) => event === 'injected')).toHaveLength(3)
})

const WORDS = fc.lorem({ maxCount: 500 })
const PATH = fc.array(fc.lorem({ maxCount: 1 }), { minLength: 1, maxLength: 300 }).map((names) => names.join('/'))
const CHINESE = textIn('只读取一次源文件并批量创建任务。')
const JAPANESE = textIn('ソースを先に読み込んでください。')
const HINDI = textIn('पहले सभी स्रोत पढ़ें ')
const EMOJI = textIn('🧪👩‍💻🏳️‍🌈')
const HOSTILE = fc.string({ unit: 'grapheme', maxLength: 3000 })
const ANY_TEXT = fc.oneof(WORDS, PATH, CHINESE, JAPANESE, HINDI, EMOJI, HOSTILE)
/** Something stays of it when it is one line. */
const VISIBLE_TEXT = ANY_TEXT.filter((text) => /[^\p{C}\p{Z}\s]/u.test(text))

function textIn(signs: string): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...signs), minLength: 1, maxLength: 1500 })
}

test('whatever rules and agents are called, it stays within both its sizes and its lines, and each suggestion says what to do', () => {
  fc.assert(
    fc.property(
      fc.record({
        title: VISIBLE_TEXT,
        implementation: VISIBLE_TEXT,
        magnitude: VISIBLE_TEXT,
        kpi: fc.oneof(fc.constant('tool_overhead_ratio'), VISIBLE_TEXT),
        agentType: ANY_TEXT,
        warning: fc.oneof(fc.constant(''), CHINESE, WORDS),
        count: fc.integer({ min: 1, max: 3 }),
      }),
      ({ title, implementation, magnitude, kpi, agentType, warning, count }) => {
        const expectedImpact = { kpi, direction: 'increase' as const, magnitude }
        const suggestions = Array.from({ length: count }, (_, n) =>
          active({ id: `opt-${n}`, title, implementation, expectedImpact }),
        )
        const row = { label: 'Error Rate', target: '0%', average: '1%', best: '0%' }
        const rows = [row, row, row, row]
        const known = { warning, agentType, sessionCount: 20, rows, suggestions, candidates: count }
        const { text, cost } = injectedText(known)
        expect(text.length).toBeLessThanOrEqual(10_000)
        expect(cost.tokens).toBeLessThanOrEqual(MAX_INJECTED_TOKENS)
        expect(estimateTokens(text)).toBeLessThanOrEqual(MAX_INJECTED_TOKENS)
        const lines = text.split('\n')
        expect(lines.filter((line) => line.startsWith('## ')).length).toBeLessThanOrEqual(2)
        const told = lines.filter((line) => /^(### |- \*\*(Implementation|Expected Impact)\*\*: )[^\s…]/.test(line))
        expect(told).toHaveLength(3 * count)
      },
    ),
    { seed: SEED, numRuns: 300 },
  )
})

test.for([
  ['Chinese', '只读取一次源文件并批量创建任务。'.repeat(30)],
  ['a long path', `Read ${'deeply/nested/'.repeat(60)}file.md first`],
])('of what to do in %s there is as much as has room', ([, implementation = '']) => {
  const suggestions = [active({ implementation })]
  const { text } = injectedText({ warning: '', agentType: 'r', sessionCount: 0, rows: [], suggestions, candidates: 1 })
  const [, told = ''] = /Implementation\*\*: (.*) …/.exec(text) ?? []
  expect(implementation.startsWith(told)).toBe(true)
  expect(estimateTokens(told)).toBeGreaterThan(80)
})

test('three suggestions in ordinary words and a whole table keep to the budget', () => {
  const implementation =
    'Create all tasks together at the beginning, one for each result that somebody will look at. '.repeat(9)
  const suggestions = ['a', 'b', 'c'].map((id) =>
    active({ id, title: 'Batch task operations to reduce overhead', implementation }),
  )
  const rows = Array.from({ length: 12 }, () => ({
    label: 'Task Completion',
    target: '> 0.95',
    average: '0.91',
    best: '0.99',
  }))
  const known = { agentType: 'reviewer', sessionCount: 1234, rows, suggestions, candidates: 3 }
  const { text, tokens } = injectedText({ ...known, warning: '' })
  const warned = injectedText({ ...known, warning: `## Warning\n\n${'- Error Rate 31 %, usually 4 %\n'.repeat(20)}` })
  expect(estimateTokens(warned.text)).toBeLessThanOrEqual(MAX_INJECTED_TOKENS)
  expect(warned.text.startsWith('## Warning\n\n- Error Rate')).toBe(true)
  expect(warned.tokens).toEqual(tokens)
  const { tokens: all, warning_tokens, suggestion_tokens, baseline_tokens } = warned.cost
  expect(all).toBe(warning_tokens + suggestion_tokens + baseline_tokens)
  expect(Math.min(warning_tokens, suggestion_tokens)).toBeGreaterThan(0)
  expect(estimateTokens(text)).toBeLessThanOrEqual(MAX_INJECTED_TOKENS)
  expect(text).toContain('…')
  expect(Object.values(tokens).every((count) => count > 20)).toBe(true)
})

test('what one suggestion says does not depend on whether others are on', () => {
  const long = active({ implementation: 'word '.repeat(500) })
  const other = active({ id: 'opt-b', title: 'Another' })
  const injection = { warning: '', agentType: 'r', sessionCount: 0, rows: [], candidates: 2 }
  const alone = injectedText({ ...injection, suggestions: [long] })
  const both = injectedText({ ...injection, suggestions: [long, other] })
  expect(both.text.startsWith(alone.text)).toBe(true)
})
