import { expect, test } from 'vitest'
import type { ToolUse } from '../model/session.ts'
import { inputFindings } from './input-findings.ts'
import { invocation, session } from './session.fixture.ts'

const use = (calls: number, failures = 0, unknown = 0): ToolUse => ({ calls, failures, unknown })

test.for<{ name: string; tools: Record<string, ToolUse>; invocations?: boolean; codes: string[] }>([
  { name: 'no tool call', tools: {}, codes: [] },
  { name: 'all outcomes known', tools: { Read: use(30) }, codes: [] },
  { name: 'half of them lost', tools: { Read: use(30, 0, 15) }, codes: [] },
  { name: 'more than half lost', tools: { Read: use(30, 0, 16) }, codes: ['input_drift'] },
  { name: 'too few calls to tell', tools: { Read: use(19, 0, 19) }, codes: [] },
  { name: 'subagents without a span', tools: { Agent: use(1) }, codes: ['input_drift'] },
  { name: 'subagents with one', tools: { Task: use(2) }, invocations: true, codes: [] },
  { name: 'edits and a read', tools: { Edit: use(2), Read: use(1) }, codes: [] },
  { name: 'edits without a read', tools: { Edit: use(2) }, codes: ['uncovered_tools'] },
  { name: 'only an edit that failed', tools: { Edit: use(1, 1) }, codes: [] },
  { name: 'new files need no read', tools: { Write: use(3) }, codes: [] },
])('$name → $codes', ({ tools, invocations = false, codes }) => {
  const found = inputFindings(session({ tools, invocations: invocations ? [invocation()] : [] }))
  expect(found.map(({ code }) => code)).toEqual(codes)
})
