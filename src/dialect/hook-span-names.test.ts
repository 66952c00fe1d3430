import { expect, test } from 'vitest'
import { HOOK_SPAN_FACTS, HOOK_SPAN_NAMES } from './hook-span-names.ts'

test('the names of a fact are all that it is read under, the current one first', () => {
  expect(Object.keys(HOOK_SPAN_NAMES)).toEqual(Object.keys(HOOK_SPAN_FACTS))
  expect(HOOK_SPAN_NAMES).toMatchObject({
    sessionId: ['session.id'],
    tool: ['gen_ai.tool.name', 'builtin.tool'],
    subagentType: ['integritystudio.agent.type', 'agent.type', 'gen_ai.agent.name'],
  })
})

test.for(Object.entries(HOOK_SPAN_FACTS))(
  '%s: the first name that is present wins, also with false',
  ([fact, read]) => {
    const names = HOOK_SPAN_NAMES[fact] ?? []
    expect(names.length).toBeGreaterThan(0)
    for (const [place, current] of names.entries()) {
      const absent = names.slice(0, place).map((name) => [name, null])
      const older = names.slice(place + 1).map((name) => [name, true])
      expect(read(Object.fromEntries([...absent, [current, false], ...older]))).toBe(false)
    }
  },
)
