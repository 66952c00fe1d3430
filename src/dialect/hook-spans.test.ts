import { describe, expect, test } from 'vitest'
import type { Activity } from '../model/activity.ts'
import type { Attributes, Span } from '../model/telemetry.ts'
import { hookSpans } from './hook-spans.ts'
import { withExcerpts } from './telemetry.fixture.ts'

const SESSION = { 'session.id': 's1' }

function span(name: string, attributes: Attributes, rest: Partial<Span> = {}): Span {
  return withExcerpts({
    kind: 'span',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name,
    startMs: 1_770_920_880_000,
    endMs: 1_770_920_880_004,
    status: 'ok',
    attributes: { ...SESSION, ...attributes },
    resource: { attributes: { 'service.name': 'claude-code-hooks' } },
    scope: { name: '' },
    ...rest,
  })
}

function activitiesOf(item: Span): readonly Activity[] | undefined {
  const reading = hookSpans.read(item)
  return reading?.kind === 'observed' ? reading.observation.activities : undefined
}

const failedEdit = { kind: 'tool_call', callId: undefined, tool: 'Edit', outcome: 'failed' }
const completed = { kind: 'task_change', change: 'updated', taskId: 't1', status: 'completed' }

test.for<{ era: string; name: string; attributes: Attributes; activities: unknown[]; status?: Span['status'] }>([
  {
    era: 'A',
    name: 'hook:builtin-post-tool',
    attributes: { 'builtin.tool': 'Edit', 'builtin.success': false, 'builtin.has_error': true },
    activities: [failedEdit],
  },
  {
    era: 'A, status 0 of the hook says nothing about the tool',
    name: 'hook:builtin-post-tool',
    attributes: { 'builtin.tool': 'Read', 'builtin.success': true },
    status: 'unset',
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'Read', outcome: 'ok' }],
  },
  {
    era: 'A, no success flag',
    name: 'hook:builtin-post-tool',
    attributes: { 'builtin.tool': 'Read' },
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'Read', outcome: 'unknown' }],
  },
  {
    era: 'A, the hook threw',
    name: 'hook:builtin-post-tool',
    attributes: { 'builtin.tool': 'Read' },
    status: 'error',
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'Read', outcome: 'failed' }],
  },
  {
    era: 'A, an update that was refused changes no task',
    name: 'hook:builtin-post-tool',
    attributes: { 'builtin.tool': 'TaskUpdate', 'builtin.success': false, 'builtin.task_status': 'completed' },
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'TaskUpdate', outcome: 'failed' }],
  },
  {
    era: 'A, error words in a file path are no error',
    name: 'hook:builtin-post-tool',
    attributes: { 'builtin.tool': 'Read', 'builtin.success': true, 'builtin.file_path': '/x/error: rate 12%' },
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'Read', outcome: 'ok' }],
  },
  {
    era: 'A',
    name: 'hook:builtin-post-tool',
    attributes: { 'builtin.tool': 'TaskCreate', 'builtin.success': true },
    activities: [
      { kind: 'tool_call', callId: undefined, tool: 'TaskCreate', outcome: 'ok' },
      { kind: 'task_change', change: 'created', taskId: undefined, status: undefined },
    ],
  },
  {
    era: 'A',
    name: 'hook:builtin-post-tool',
    attributes: {
      'builtin.tool': 'TaskUpdate',
      'builtin.success': true,
      'builtin.task_id': 't1',
      'builtin.task_status': 'completed',
    },
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'TaskUpdate', outcome: 'ok' }, completed],
  },
  {
    era: 'D',
    name: 'hook:builtin-post-tool',
    attributes: {
      'gen_ai.tool.name': 'TaskUpdate',
      'integritystudio.tool.success': true,
      'integritystudio.task.id': 't1',
      'integritystudio.task.status': 'completed',
    },
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'TaskUpdate', outcome: 'ok' }, completed],
  },
  {
    era: 'D',
    name: 'hook:builtin-post-tool',
    attributes: { 'gen_ai.tool.name': 'Edit', 'integritystudio.tool.success': false },
    activities: [failedEdit],
  },
  {
    era: 'cloud copies write numbers and flags as text',
    name: 'hook:builtin-post-tool',
    attributes: { 'gen_ai.tool.name': 'Edit', 'integritystudio.tool.success': 'false' },
    activities: [failedEdit],
  },
  {
    era: 'A',
    name: 'hook:mcp-post-tool',
    attributes: { 'mcp.server': 'github', 'mcp.tool': 'get_me', 'mcp.success': true },
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'mcp__github__get_me', outcome: 'ok' }],
  },
  {
    era: 'E with both keys: the canonical one wins even when it is false',
    name: 'hook:mcp-post-tool',
    attributes: {
      'integritystudio.mcp.server': 'github',
      'integritystudio.mcp.tool': 'create_issue',
      'integritystudio.mcp.success': false,
      'mcp.server': 'gitlab',
      'mcp.tool': 'get_me',
      'mcp.success': true,
    },
    activities: [{ kind: 'tool_call', callId: undefined, tool: 'mcp__github__create_issue', outcome: 'failed' }],
  },
  {
    era: 'A',
    name: 'hook:agent-pre-tool',
    attributes: { 'agent.type': 'code-reviewer', 'agent.is_background': true },
    activities: [{ kind: 'invocation_start', invocationId: undefined, agentType: 'code-reviewer', background: true }],
  },
  {
    era: 'B',
    name: 'hook:agent-post-tool',
    attributes: {
      'integritystudio.agent.type': 'Explore',
      'agent.type': 'old',
      'integritystudio.agent.has_error': false,
    },
    activities: [
      { kind: 'invocation_end', invocationId: undefined, agentType: 'Explore', status: 'success', final: false },
    ],
  },
  {
    era: 'C',
    name: 'hook:agent.operation.prepare',
    attributes: { 'gen_ai.agent.name': 'Explore' },
    activities: [{ kind: 'invocation_start', invocationId: undefined, agentType: 'Explore', background: false }],
  },
  {
    era: 'C',
    name: 'hook:agent.operation.finalize',
    attributes: { 'integritystudio.agent.type': 'Explore', 'integritystudio.agent.has_error': true },
    activities: [
      { kind: 'invocation_end', invocationId: undefined, agentType: 'Explore', status: 'failure', final: false },
    ],
  },
  { era: 'C', name: 'invoke_agent Explore', attributes: {}, activities: [{ kind: 'presence' }] },
  {
    era: 'E',
    name: 'hook:subagent-stop',
    attributes: { 'integritystudio.agent.type': 'code-reviewer' },
    activities: [
      { kind: 'invocation_end', invocationId: undefined, agentType: 'code-reviewer', status: 'unknown', final: true },
    ],
  },
  {
    era: 'A',
    name: 'hook:token-metrics-extraction',
    attributes: {
      'tokens.input': 286,
      'tokens.output': 63,
      'tokens.cache_read': 1_089_978,
      'tokens.cache_creation': 84_093,
      'tokens.messages': 32,
      'tokens.model': 'opus',
    },
    activities: [
      {
        kind: 'token_snapshot',
        counter: 'opus',
        messages: 32,
        model: 'opus',
        tokens: { freshInput: 286, cacheRead: 1_089_978, cacheCreation: 84_093, output: 63, reasoning: 0 },
      },
    ],
  },
  {
    era: 'E, numbers as text',
    name: 'hook:token-metrics-extraction',
    attributes: {
      'integritystudio.tokens.input': '100',
      'integritystudio.tokens.output': '50',
      'integritystudio.tokens.messages': '12',
    },
    activities: [
      {
        kind: 'token_snapshot',
        counter: '',
        messages: 12,
        model: undefined,
        tokens: { freshInput: 100, cacheRead: 0, cacheCreation: 0, output: 50, reasoning: 0 },
      },
    ],
  },
  {
    era: 'D-2: a snapshot of zeros is no reading',
    name: 'hook:token-metrics-extraction',
    attributes: { 'tokens.input': 0, 'tokens.output': 0, 'tokens.messages': 3 },
    activities: [{ kind: 'presence' }],
  },
  {
    era: 'D-4: nobody wrote the synthetic messages',
    name: 'hook:token-metrics-extraction',
    attributes: { 'tokens.input': 5, 'tokens.output': 5, 'tokens.model': '<synthetic>' },
    activities: [{ kind: 'presence' }],
  },
  { era: 'A', name: 'hook:skill-activation-prompt', attributes: {}, activities: [{ kind: 'prompt' }] },
  {
    era: 'D-16: a context of 172 % is read past',
    name: 'hook:session-start',
    attributes: { 'context.utilization_percent': 172 },
    activities: [{ kind: 'session_start' }],
  },
  { era: 'E', name: 'hook:session-end', attributes: {}, activities: [{ kind: 'session_end' }] },
  {
    era: 'A',
    name: 'hook:builtin-pre-tool',
    attributes: { 'builtin.tool': 'Edit' },
    activities: [{ kind: 'presence' }],
  },
  {
    era: 'D-12: spans recovered later prove presence, not success',
    name: 'hook:plugin-post-tool',
    attributes: { 'backfill.source': 'backfill:agent-span-recovery' },
    activities: [{ kind: 'presence' }],
  },
])('$era: $name', ({ name, attributes, activities, status }) => {
  expect(activitiesOf(span(name, attributes, status === undefined ? {} : { status }))).toEqual(activities)
})

describe('what a hook span tells beside its activities', () => {
  test('is whose it is, when it was, and a key that a second copy shares', () => {
    const item = span('hook:notification', { 'agentperf.agent_type': 'translation-agent' })
    expect(hookSpans.read(item)).toEqual({
      kind: 'observed',
      observation: {
        source: 'hook_spans',
        key: 'b7ad6b7169203331',
        sessionId: 's1',
        startMs: 1_770_920_880_000,
        endMs: 1_770_920_880_004,
        agentType: 'translation-agent',
        agentVersion: undefined,
        span: { ok: true },
        activities: [{ kind: 'presence' }],
      },
    })
  })

  test('may lack the session (D-1)', () => {
    const reading = hookSpans.read(span('hook:notification', { 'session.id': undefined }))
    expect(reading).toMatchObject({ kind: 'observed', observation: { sessionId: undefined } })
  })

  test('takes the agent type from the resource too', () => {
    const resource = { attributes: { 'agentperf.agent_type': 'reviewer' } }
    const reading = hookSpans.read(span('hook:notification', {}, { resource }))
    expect(reading).toMatchObject({ observation: { agentType: 'reviewer' } })
  })
})

test('a hook of an unknown name is named, never guessed', () => {
  expect(hookSpans.read(span('hook:time-travel', {}))).toEqual({ kind: 'unknown', name: 'hook:time-travel' })
})

test.for(['chat', 'invoke_agent Explore'])('a span of another source is left alone: %s', (name) => {
  expect(hookSpans.read(span(name, {}, { resource: { attributes: {} } }))).toBeUndefined()
})
