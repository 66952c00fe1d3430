import { expect, test } from 'vitest'
import type { ToolUse } from '../model/session.ts'
import { compactions } from './compactions.ts'
import { editRetryRate } from './edit-retry-rate.ts'
import { errorRate } from './error-rate.ts'
import { interruptionRate } from './interruption-rate.ts'
import { session, snapshot, toolUses } from './session.fixture.ts'
import { toolFailureRate } from './tool-failure-rate.ts'
import { MANAGEMENT_TOOLS, type ToolLists, toolOverheadRatio } from './tool-overhead-ratio.ts'

const use = (calls: number, failures = 0, unknown = 0): ToolUse => ({ calls, failures, unknown })

test.for<{ name: string; calls: Record<string, number>; lists?: Partial<ToolLists>; ratio: number }>([
  { name: 'MCP tools and subagents are productive', calls: { TaskCreate: 2, mcp__web__visit: 1, Agent: 1 }, ratio: 1 },
  { name: 'no management', calls: { Read: 3 }, ratio: 0 },
  { name: 'a configured management tool', calls: { Plan: 3, Read: 1 }, lists: { managementTools: ['Plan'] }, ratio: 3 },
  {
    name: 'tools on neither list do not count',
    calls: { TaskCreate: 1, Read: 2, Grep: 7 },
    lists: { productiveTools: ['Read'] },
    ratio: 0.5,
  },
])('tool overhead ratio: $name', ({ calls, lists, ratio }) => {
  const result = toolOverheadRatio(session({ tools: toolUses(calls) }), { managementTools: MANAGEMENT_TOOLS, ...lists })
  expect(result).toMatchObject({ value: ratio, estimated: false })
})

test('management without any productive call has no ratio, but a finding', () => {
  const result = toolOverheadRatio(session({ tools: toolUses({ TaskCreate: 20, TaskUpdate: 6 }) }), {
    managementTools: MANAGEMENT_TOOLS,
  })
  expect(result).toMatchObject({ absent: 'no productive tool was called', note: { code: 'uncovered_tools' } })
  expect(result.note?.message).toContain('26 calls')
})

test('failures are counted among the calls whose outcome is known', () => {
  const tools = {
    Bash: { calls: 10, failures: 2, unknown: 2 },
    Read: { calls: 4, failures: 0, unknown: 0 },
    Grep: { calls: 5, failures: 0, unknown: 5 },
  }
  const expected = { value: 2 / 12, n: 12, sources: ['hook_spans'], estimated: false }
  expect(toolFailureRate(session({ tools }))).toEqual(expected)
  expect(errorRate(session({ tools }))).toEqual(expected)
})

test('calls whose outcome nobody told are not successes', () => {
  const tools = { Bash: { calls: 3, failures: 0, unknown: 3 } }
  expect(errorRate(session({ tools }))).toEqual({ absent: 'no tool call has a known outcome' })
})

test.for<{ name: string; reported: number; messages: number[]; expected: object }>([
  { name: 'reported ones are measured', reported: 2, messages: [], expected: { value: 2, estimated: false } },
  { name: 'falling counters show them', reported: 0, messages: [40, 6, 9, 2], expected: { value: 2, estimated: true } },
  {
    name: 'growing counters show that there were none',
    reported: 0,
    messages: [4, 9],
    expected: { value: 0, estimated: true },
  },
  { name: 'one reading cannot tell', reported: 0, messages: [4], expected: { absent: expect.any(String) } },
])('compactions: $name', ({ reported, messages, expected }) => {
  const snapshots = messages.map((count) => snapshot(count, { output: count }))
  const tokenCounters = [{ counter: 'c', model: undefined, snapshots }]
  expect(compactions(session({ compactions: reported, tokenCounters }))).toMatchObject(expected)
})

test.for<{ name: string; tools: Record<string, ToolUse>; result: unknown }>([
  { name: 'no edit', tools: { Read: use(3) }, result: { absent: 'no file was edited' } },
  { name: 'unknown outcomes', tools: { Edit: use(2, 0, 2) }, result: { absent: 'no edit has a known outcome' } },
  {
    name: 'tools of one agent',
    tools: { Edit: use(5, 1), Write: use(3), Bash: use(9, 9) },
    result: { value: 1 / 8, n: 8 },
  },
  { name: 'tools of another', tools: { apply_patch: use(4, 1, 2) }, result: { value: 1 / 2, n: 2 } },
])('edit retry rate: $name', ({ tools, result }) => {
  expect(editRetryRate(session({ tools }))).toMatchObject(Object(result))
})

test.for<{ name: string; rejections: number | undefined; calls: number; result: unknown }>([
  {
    name: 'no source tells',
    rejections: undefined,
    calls: 3,
    result: { absent: expect.stringContaining('no source') },
  },
  { name: 'no tool was asked for', rejections: 0, calls: 0, result: { absent: 'no tool call was recorded' } },
  { name: 'one of five', rejections: 1, calls: 4, result: { value: 0.2, n: 5 } },
  { name: 'none', rejections: 0, calls: 4, result: { value: 0, n: 4 } },
])('interruption rate: $name', ({ rejections, calls, result }) => {
  expect(interruptionRate(session({ rejections, tools: { Bash: use(calls) } }))).toMatchObject(Object(result))
})
