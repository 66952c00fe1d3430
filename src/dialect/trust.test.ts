import { describe, expect, test } from 'vitest'
import { DIALECTS } from './dialects.ts'
import { distrust, sourcesOf, trustedSource } from './trust.ts'
import { TRUST_ORDER } from './trust-order.ts'

const SOURCES = DIALECTS.flatMap(({ sources }) => sources)

test('no two sources have the same name', () => {
  const names = SOURCES.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test.for(SOURCES)('what $name tells has a place for its kind in the order of trust', ({ kind, tells }) => {
  for (const fact of tells) expect(TRUST_ORDER[fact]).toContain(kind)
})

describe('the order of trust', () => {
  test('is that of the kinds, whatever the order of the dialects', () => {
    const tools = sourcesOf('tools')
    expect(tools.indexOf('claude_code_logs')).toBeLessThan(tools.indexOf('claude_code_traces'))
    expect(tools.indexOf('claude_code_traces')).toBeLessThan(tools.indexOf('hook_spans'))
    expect(sourcesOf('tasks').indexOf('hook_spans')).toBeLessThan(sourcesOf('tasks').indexOf('claude_code_logs'))
  })

  test('leaves out who does not tell of it', () => {
    expect(sourcesOf('model_calls')).not.toContain('hook_spans')
    expect(distrust('model_calls', 'hook_spans')).toBe(sourcesOf('model_calls').length)
  })

  test('picks the first that a session has', () => {
    expect(trustedSource('tools', { hook_spans: 3, claude_code_traces: 1 })).toBe('claude_code_traces')
    expect(trustedSource('tools', { hook_logs: 3 })).toBeUndefined()
    expect(trustedSource('tools', {})).toBeUndefined()
  })
})
