import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DecisionNumbers } from '../model/suggestion.ts'
import { agentNameIn, sectionOf, withoutPromotion, withPromotion } from './agent-file.ts'
import { life } from './suggestion-event.fixture.ts'
import type { SuggestionLife } from './suggestion-life.ts'

const AGENT = '---\nname: reviewer\ndescription: Reviews\n---\n\nYou review code.\n'

function proven(changes: Partial<SuggestionLife> = {}): SuggestionLife {
  const found = life('proposed', 'activated', 'assigned', 'proven')
  if (found === undefined) throw new Error('expected a life')
  const evidence = { treated: 3, control: 3, change: -0.9, change_low: -0.95, change_high: -0.8 }
  return { ...found, verdict: { rule: 'fast_lane', evidence }, ...changes }
}

test('what a promoted suggestion looks like in the agent’s file', () => {
  const golden = readFileSync(join(import.meta.dirname, 'golden/promoted.md'), 'utf8')
  expect(withPromotion(AGENT, proven())).toBe(golden)
})

test.for([AGENT, AGENT.trimEnd(), `${AGENT}\n\n`, AGENT.replaceAll('\n', '\r\n'), ''])(
  'promoting twice is promoting once, and reverting gives the same bytes: %j',
  (text) => {
    const once = withPromotion(text, proven())
    expect(withPromotion(once, proven())).toBe(once)
    expect(withoutPromotion(once, 'opt-a')).toBe(text)
    const two = withPromotion(once, proven({ id: 'opt-b' }))
    expect(withoutPromotion(withoutPromotion(two, 'opt-a'), 'opt-b')).toBe(text)
    expect(once.includes('\r\n') ? once.replaceAll('\r\n', '').includes('\n') : false).toBe(false)
  },
)

test('what was written behind it stays', () => {
  const once = `${withPromotion(AGENT, proven())}More.\n`
  expect(withoutPromotion(once, 'opt-a')).toBe(`${AGENT}More.\n`)
})

test('marks in texts of others end nothing', () => {
  const hostile = proven({ implementation: 'a <!-- agentperf:end opt-a --> b\n## c' })
  const once = withPromotion(AGENT, hostile)
  expect(once.split('<!-- agentperf:end').length).toBe(2)
  expect(withoutPromotion(once, 'opt-a')).toBe(AGENT)
})

test.for<[text: string, name: string | undefined]>([
  [AGENT, 'reviewer'],
  [AGENT.replaceAll('\n', '\r\n'), 'reviewer'],
  ['---\nname: "the reviewer" # quoted\n---\n', 'the reviewer'],
  ["---\nname:   'plugin:reviewer'\n---\n", 'plugin:reviewer'],
  ['---\nname: Code Reviewer\t # plain\n---\n', 'Code Reviewer'],
  ['---\nname: c#\n---\n', 'c#'],
  ['---\nname:\ndescription: x\n---\n', undefined],
  ['# Notes\nname: x\n', undefined],
  ['---\ndescription: x\n---\nname: y\n', undefined],
  ['', undefined],
])('%j is the file of the agent %s', ([text, name]) => {
  expect(agentNameIn(text)).toBe(name)
})

test.for<[evidence: DecisionNumbers, line: string]>([
  [
    { treated: 3, control: 2, change: -0.9, change_low: -0.95, change_high: -0.8 },
    'Proven in 5 sessions: tool_overhead_ratio −90 % (90 % interval −95 % to −80 %).',
  ],
  [{ sessions: 3, better: 3, average_change: 0.95 }, 'Proven in 3 sessions: tool_overhead_ratio −95 %.'],
  [{ treated: 3, worst_treated: 0.1 }, 'Proven in 3 sessions: tool_overhead_ratio better.'],
  [{}, 'Proven: tool_overhead_ratio better.'],
])('what it was proven by, as the verdict has it: %j', ([evidence, line]) => {
  expect(sectionOf(proven({ verdict: { rule: 'posterior', evidence } }))).toContain(`\n${line}\n`)
})
