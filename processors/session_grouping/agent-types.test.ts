import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AgentTypeOrigin, Observation } from '#src/model/activity.ts'
import { AgentTypes, agentTypeRank, sanitised } from './agent-types.ts'
import { Aggregate } from './aggregate.ts'
import { configSchema } from './config.ts'

const agentTypes = (config: object = {}) => new AgentTypes(configSchema.parse(config))

describe('of what a session tells of its agent type', () => {
  interface Told {
    readonly name: string
    readonly origin?: AgentTypeOrigin
    readonly startMs?: number
  }

  const heard = (told: readonly Told[]): string | undefined => {
    const aggregate = Aggregate.begin('s1', 0)
    for (const [n, { name, origin, startMs = 0 }] of told.entries()) {
      const observation: Observation = {
        source: 'claude_code_logs',
        key: `k${n}`,
        sessionId: 's1',
        startMs,
        endMs: startMs,
        agentType: name,
        agentTypeOrigin: origin,
        agentVersion: undefined,
        span: undefined,
        activities: [{ kind: 'presence' }],
      }
      aggregate.take(observation, 0)
    }
    return aggregate.fields.agentType
  }

  test.for<{ what: string; told: Told[]; agentType: string | undefined }>([
    { what: 'nothing', told: [], agentType: undefined },
    { what: 'the service alone', told: [{ name: 'codex_exec', origin: 'service' }], agentType: 'codex_exec' },
    {
      what: 'a name rather than the service, even later',
      told: [
        { name: 'github-copilot', origin: 'service' },
        { name: 'reviewer', origin: 'agent_name', startMs: 9 },
      ],
      agentType: 'reviewer',
    },
    {
      what: 'the attribute for it rather than a name',
      told: [
        { name: 'reviewer', origin: 'agent_name' },
        { name: 'lab', startMs: 9 },
      ],
      agentType: 'lab',
    },
    {
      what: 'a hook rather than anything else',
      told: [
        { name: 'lab', origin: 'attribute' },
        { name: 'my-reviewer', origin: 'hook', startMs: 9 },
        { name: 'claude-code', origin: 'service' },
      ],
      agentType: 'my-reviewer',
    },
    {
      what: 'the first of two told in one way',
      told: [
        { name: 'second', origin: 'agent_name', startMs: 9 },
        { name: 'first', origin: 'agent_name', startMs: 5 },
      ],
      agentType: 'first',
    },
    {
      what: 'always the same one of two told at once',
      told: [
        { name: 'b', startMs: 5 },
        { name: 'a', startMs: 5 },
      ],
      agentType: 'a',
    },
  ])('counts $what, in any order', ({ told, agentType }) => {
    expect(heard(told)).toBe(agentType)
    expect(heard(told.toReversed())).toBe(agentType)
  })

  test('the order is that of its README', () => {
    const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
    const listed = [...readme.matchAll(/^\d\. (.*)$/gm)].map(([, what = '']) => what)
    const words: Readonly<Record<AgentTypeOrigin, RegExp>> = {
      hook: /of a hook/,
      attribute: /attribute/,
      agent_name: /agent's name/,
      service: /service\.name/,
      format: /format/,
    }
    const order: AgentTypeOrigin[] = ['hook', 'attribute', 'agent_name', 'service', 'format']
    expect(order.map(agentTypeRank)).toEqual([0, 1, 2, 3, 4])
    expect(order.map((origin) => listed.findIndex((what) => words[origin].test(what)))).toEqual([0, 1, 2, 3, 4])
    expect(agentTypeRank(undefined)).toBe(agentTypeRank('attribute'))
  })
})

describe('the configuration', () => {
  test.for<{ what: string; config: object; told: string | undefined; agentType: string }>([
    { what: 'nothing', config: {}, told: 'Explore', agentType: 'Explore' },
    { what: 'a default', config: { default_agent_type: 'main' }, told: undefined, agentType: 'main' },
    { what: 'a default, for a blank name', config: { default_agent_type: 'main' }, told: ' \u200B', agentType: 'main' },
    { what: 'one for all', config: { agent_type: 'lab' }, told: 'Explore', agentType: 'lab' },
    {
      what: 'a rule',
      config: { agent_type_rules: [{ match: 'codex_*', agent_type: 'codex' }] },
      told: 'codex_cli_rs',
      agentType: 'codex',
    },
    {
      what: 'a rule that does not match',
      config: { agent_type_rules: [{ match: 'codex_*', agent_type: 'codex' }] },
      told: 'my-codex_cli_rs',
      agentType: 'my-codex_cli_rs',
    },
    {
      what: 'the first of two rules',
      config: {
        agent_type_rules: [
          { match: '*review*', agent_type: 'reviewer' },
          { match: 'code-*', agent_type: 'coder' },
        ],
      },
      told: 'code-reviewer',
      agentType: 'reviewer',
    },
    {
      what: 'a rule once: its result is not matched again',
      config: {
        agent_type_rules: [
          { match: 'a', agent_type: 'b' },
          { match: 'b', agent_type: 'c' },
        ],
      },
      told: 'a',
      agentType: 'b',
    },
  ])('$what: $told → $agentType', ({ config, told, agentType }) => {
    expect(agentTypes(config).ofSession(told)).toBe(agentType)
  })

  test.for([
    { match: '*', name: 'anything', matches: true },
    { match: 'a*b*c', name: 'aXbYc', matches: true },
    { match: 'a*b*c', name: 'abc', matches: true },
    { match: 'a*b*c', name: 'ac', matches: false },
    { match: 'ab*ba', name: 'aba', matches: false },
    { match: 'a.c', name: 'abc', matches: false },
    { match: '[x', name: '[x', matches: true },
    { match: 'A', name: 'a', matches: false },
    { match: `${'a*'.repeat(40)}b`, name: 'a'.repeat(100), matches: false },
  ])('$match on $name: $matches', ({ match, name, matches }) => {
    const types = agentTypes({ agent_type_rules: [{ match, agent_type: 'renamed' }] })
    expect(types.ofSession(name) === 'renamed').toBe(matches)
  })

  test.for([
    { agent_type: 'two\nlines' },
    { agent_type: '' },
    { default_agent_type: ' padded ' },
    { agent_type_rules: [{ match: '', agent_type: 'a' }] },
    { agent_type_rules: [{ match: 'a', agent_type: 'x'.repeat(101) }] },
    { agent_type_rules: [{ match: 'a', agent_type: 'b', typo: 1 }] },
  ])('%j is refused', (config) => {
    expect(configSchema.safeParse(config).success).toBe(false)
  })
})

test.for([
  { name: 'code-reviewer', clean: 'code-reviewer' },
  { name: 'Prüfer für Ø', clean: 'Prüfer für Ø' },
  { name: 'e\u0301', clean: '\u00E9' },
  { name: '  two   words ', clean: 'two words' },
  { name: 'line\r\nbreak\ttab', clean: 'line break tab' },
  { name: '\u001B[31mred\u001B[0m', clean: '[31mred [0m' },
  { name: 'right\u202Eto left', clean: 'right to left' },
  { name: '\uD800', clean: '' },
  { name: '\u{1F600}'.repeat(200), clean: '\u{1F600}'.repeat(100) },
])('$name becomes $clean', ({ name, clean }) => {
  expect(sanitised(name)).toBe(clean)
})
