import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { type Run, runPipeline, workspace } from './harness.ts'
import { runListening, type Sent } from './listening.ts'

const START_MS = Date.UTC(2026, 10, 20, 10)
const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const SESSION = 'privacy-session'
const THREAD = '01a1f87b-c149-7503-949f-8fccf96fa1a0'

/** One secret of each kind; put together here, as whole ones would alarm those who look for secrets in repositories. */
const SECRETS: Readonly<Record<string, string>> = {
  private_key: ['-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBgkq', '-----END PRIVATE KEY-----'].join('\n'),
  jwt: `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiI0MiJ9'}.c2lnbmF0dXJlLW9m`,
  bearer: `Bearer ${'b4Rr'.repeat(6)}`,
  basic: `Authorization: Basic ${'QmFz'.repeat(2)}`,
  short_bearer: 'Authorization: Bearer zq7x',
  cookie: 'Cookie: sid=c00kie-core; theme=dark\n',
  variable: 'DB_PASS=va(riable-core',
  api_key: `sk-ant-api03-${'k3Yy'.repeat(8)}`,
  github: `ghp_${'g1Th'.repeat(9)}`,
  aws_key: `AKIA${'QWERTYUIOPASDFGH'}`,
  url_credentials: 'postgres://ada:pgpassw0rd@db.internal/x',
  secret: 'password=correct-horse-battery',
  email: 'ada.lovelace@example.org',
  card: '4111 1111 1111 1111',
  ssn: '078-05-1120',
  phone: '+49 30 12345678',
  ip: '203.0.113.77',
}

/** What stands in a secret that no output may have. */
const CORES: readonly string[] = [
  ...['c00kie-core', 'riable-core'],
  ...[
    'MIIEvQIBADANBgkq',
    'eyJzdWIiOiI0MiJ9',
    'b4Rrb4Rr',
    'QmFzQmFz',
    'zq7x',
    'k3Yyk3Yy',
    'g1Thg1Th',
    'QWERTYUIOPASDFGH',
    'pgpassw0rd',
  ],
  ...[
    'correct-horse-battery',
    'ada.lovelace',
    '4111 1111',
    '4111111111111111',
    '078-05-1120',
    '12345678',
    '203.0.113.77',
  ],
]

/** What nobody said is a secret, and yet is nobody's business. */
const CONTENT: readonly string[] = [
  ...['PROMPT-TEXT', 'TOOL-INPUT', 'TOOL-OUTPUT', 'MESSAGE-TEXT', 'TASK-SUBJECT', 'SUMMARY-TEXT', 'RESPONSE-TEXT'],
  ...['account-uuid-0815', 'account-id-0816', 'organization-0817', 'PRIVATE-FOLDER'],
]

const everySecret = (what: string): string => `${what} ${Object.values(SECRETS).join('; ')}`

function hooks(): Sent[] {
  const common = {
    session_id: SESSION,
    transcript_path: `/home/PRIVATE-FOLDER/${SESSION}.jsonl`,
    cwd: '/home/PRIVATE-FOLDER',
    prompt_id: 'p1',
  }
  const tool = {
    tool_name: 'Bash',
    tool_use_id: 't1',
    tool_input: { command: everySecret('TOOL-INPUT') },
    tool_response: { stdout: everySecret('TOOL-OUTPUT') },
  }
  const todos = [{ content: everySecret('TASK-SUBJECT'), status: 'completed' }]
  const events: object[] = [
    { hook_event_name: 'SessionStart', source: 'startup', session_title: everySecret('MESSAGE-TEXT') },
    { hook_event_name: 'UserPromptSubmit', prompt: everySecret('PROMPT-TEXT') },
    { hook_event_name: 'UserPromptExpansion', command_args: everySecret('PROMPT-TEXT') },
    { hook_event_name: 'PreToolUse', ...tool },
    { hook_event_name: 'PostToolUse', ...tool },
    { hook_event_name: 'PostToolUseFailure', ...tool, tool_use_id: 't2', error: everySecret('TOOL-OUTPUT') },
    { hook_event_name: 'PostToolUse', ...tool, tool_use_id: 't3', tool_name: 'TodoWrite', tool_input: { todos } },
    { hook_event_name: 'PostToolBatch', tool_calls: [tool] },
    { hook_event_name: 'PermissionRequest', ...tool },
    { hook_event_name: 'TaskCreated', task_id: '1', task_subject: everySecret('TASK-SUBJECT') },
    {
      hook_event_name: 'SubagentStop',
      agent_id: 'a1',
      agent_type: 'x',
      last_assistant_message: everySecret('MESSAGE-TEXT'),
    },
    { hook_event_name: 'Notification', message: everySecret('MESSAGE-TEXT') },
    { hook_event_name: 'PostCompact', compact_summary: everySecret('SUMMARY-TEXT') },
    { hook_event_name: 'StopFailure', error: 'x', error_details: everySecret('MESSAGE-TEXT') },
    { hook_event_name: 'Sneeze', reason: everySecret('MESSAGE-TEXT') },
    // Where names and ids are expected.
    { hook_event_name: everySecret('MESSAGE-TEXT') },
    { hook_event_name: 'Stop', [everySecret('MESSAGE-TEXT')]: 1, 'ada.lovelace@example.org': 2 },
    { hook_event_name: 'TaskCreated', task_id: everySecret('TASK-SUBJECT') },
    { hook_event_name: 'SessionEnd', reason: 'other' },
  ]
  const bodies = events.map((event) => JSON.stringify({ ...common, ...event }))
  // What cannot be read must not be quoted either.
  bodies.push(JSON.stringify(everySecret('PROMPT-TEXT')), `{"prompt": "${everySecret('PROMPT-TEXT')}`)
  return bodies.map((body, n) => ({ to: 'hooks', body, timeMs: START_MS + n * 1000 }))
}

type Value = { readonly stringValue: string } | { readonly intValue: string }
type Attribute = { readonly key: string; readonly value: Value }

function attributesOf(attributes: Readonly<Record<string, string | number>>): Attribute[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }))
}

const ACCOUNT = {
  'user.email': SECRETS.email ?? '',
  'user.account_uuid': 'account-uuid-0815',
  'user.account_id': 'account-id-0816',
  'organization.id': 'organization-0817',
  'workspace.host_paths': '/home/PRIVATE-FOLDER',
}

function nanosOf(n: number): string {
  return `${START_MS + n * 1000}000000`
}

/** @param session absent in items that belong to none */
function logs(session: string | undefined): string {
  const events: readonly (readonly [name: string, attributes: Readonly<Record<string, string | number>>])[] = [
    ['user_prompt', { prompt: everySecret('PROMPT-TEXT'), prompt_length: 9, 'prompt.id': 'p1' }],
    ['api_request', { model: 'opus', input_tokens: 10, output_tokens: 20, request_id: 'r1' }],
    ['assistant_response', { response: everySecret('RESPONSE-TEXT') }],
    ['api_error', { error: everySecret('MESSAGE-TEXT'), request_id: 'r2' }],
    ['tool_result', { tool_name: 'Bash', tool_use_id: 't1', success: 'true', tool_input: everySecret('TOOL-INPUT') }],
    ['tool_result', { tool_name: 'Read', success: 'false', error: everySecret('TOOL-OUTPUT') }],
    ['api_request_body', { body: everySecret('PROMPT-TEXT') }],
    ['brand_new_event', { text: everySecret('MESSAGE-TEXT') }],
    [`sneeze_${everySecret('MESSAGE-TEXT')}`, {}],
  ]
  const logRecords = events.map(([name, attributes], n) => ({
    timeUnixNano: nanosOf(n),
    body: { stringValue: `claude_code.${name}` },
    attributes: attributesOf({
      ...(session === undefined ? {} : { 'session.id': session }),
      'event.name': name,
      ...ACCOUNT,
      ...attributes,
    }),
  }))
  return JSON.stringify({
    resourceLogs: [{ resource: { attributes: attributesOf(ACCOUNT) }, scopeLogs: [{ logRecords }] }],
  })
}

function traces(): string {
  const names = ['interaction', 'llm_request', 'tool', 'tool.execution', 'brand_new_span']
  const spans = names.map((name, n) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: `b7ad6b716920333${n}`,
    name: `claude_code.${name}`,
    startTimeUnixNano: nanosOf(n),
    endTimeUnixNano: nanosOf(n + 1),
    status: { code: 2, message: everySecret('TOOL-OUTPUT') },
    attributes: attributesOf({
      'session.id': SESSION,
      ...ACCOUNT,
      user_prompt: everySecret('PROMPT-TEXT'),
      tool_name: 'Bash',
      tool_use_id: 't1',
      full_command: everySecret('TOOL-INPUT'),
      request_id: `r${n}`,
    }),
    events: [{ name: everySecret('TOOL-OUTPUT'), attributes: attributesOf({ output: everySecret('TOOL-OUTPUT') }) }],
  }))
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
}

function metrics(): string {
  const points = (attributes: Readonly<Record<string, string>>) => ({
    aggregationTemporality: 1,
    isMonotonic: true,
    dataPoints: [
      {
        asInt: '10',
        startTimeUnixNano: nanosOf(0),
        timeUnixNano: nanosOf(9),
        attributes: attributesOf({ 'session.id': SESSION, ...ACCOUNT, ...attributes }),
      },
    ],
  })
  const all = [
    { name: 'claude_code.token.usage', unit: 'tokens', sum: points({ type: 'output', model: 'opus' }) },
    { name: 'claude_code.commit.count', sum: points({ note: everySecret('MESSAGE-TEXT') }) },
  ]
  return JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: all }] }] })
}

function requests(): Sent[] {
  const timeMs = START_MS
  const otlp: Sent[] = [
    { to: 'logs', body: logs(SESSION), timeMs },
    { to: 'logs', body: logs(undefined), timeMs },
    { to: 'traces', body: traces(), timeMs },
    { to: 'metrics', body: metrics(), timeMs },
  ]
  // The hooks' end of the session comes last. On a busy machine the session is assessed before all the rest is read, and again
  // afterwards: its last revision has all.
  return [...otlp, ...hooks()]
}

test('what was said, done and who did it reaches no ledger, report, log, state or command', async () => {
  const run = await runListening(requests())
  const line = run.ledger.at(-1)
  expect(line?.totals).toMatchObject({ prompts: 1, model_calls: 1, tool_failures: 1, tasks_completed: 1 })
  expect(line?.sources).toEqual(['claude_code_logs', 'claude_code_metrics', 'claude_code_traces', 'claude_hooks'])
  await expectSilence(run, [...CORES, ...CONTENT])
})

test('the same holds for what is read from files', async () => {
  const bodies = [logs(SESSION), logs(undefined), traces(), metrics()]
  const run = await runPipeline({ files: { 'otlp.jsonl': `${[...bodies, everySecret('PROMPT-TEXT')].join('\n')}\n` } })
  expect(run.ledger).toHaveLength(1)
  await expectSilence(run, [...CORES, ...CONTENT])
})

/** Whether a line is a file of a session or of its subagent is told by its path. */
function transcripts(): Readonly<Record<string, string>> {
  let count = 0
  const line = (type: string, fields: object): object => {
    count++
    const timestamp = new Date(START_MS + count * 1000).toISOString()
    const common = { uuid: `u${count}`, timestamp, sessionId: SESSION, version: '2.1.328', isSidechain: false }
    return {
      type,
      ...common,
      cwd: '/home/PRIVATE-FOLDER',
      gitBranch: everySecret('MESSAGE-TEXT'),
      ...ACCOUNT,
      ...fields,
    }
  }
  const said = (what: string) => [{ type: 'text', text: everySecret(what) }]
  const use = { type: 'tool_use', id: 't9', name: 'Bash', input: { command: everySecret('TOOL-INPUT') } }
  const thinking = { type: 'thinking', thinking: everySecret('RESPONSE-TEXT'), signature: everySecret('RESPONSE-TEXT') }
  const usage = { input_tokens: 5, output_tokens: 7 }
  const message = (id: string, content: readonly object[]) => ({
    requestId: `req_${id}`,
    message: { id, model: 'opus', role: 'assistant', content, usage, stop_reason: 'end_turn' },
  })
  const result = {
    message: {
      content: [{ type: 'tool_result', tool_use_id: 't9', content: everySecret('TOOL-OUTPUT'), is_error: true }],
    },
    toolUseResult: `Error: ${everySecret('TOOL-OUTPUT')}`,
  }
  const todos = [{ content: everySecret('TASK-SUBJECT'), status: 'completed', activeForm: everySecret('TASK-SUBJECT') }]
  const todoResult = {
    message: { content: [{ type: 'tool_result', tool_use_id: 't10', content: 'ok' }] },
    toolUseResult: { oldTodos: [], newTodos: todos, stdout: everySecret('TOOL-OUTPUT') },
  }
  const task = {
    message: { content: [{ type: 'tool_result', tool_use_id: 't11', content: 'ok' }] },
    toolUseResult: {
      task: { id: '7', subject: everySecret('TASK-SUBJECT'), description: everySecret('TASK-SUBJECT') },
    },
  }
  const inSubagent = { isSidechain: true, agentId: 'a7' }
  const main = [
    line('user', { message: { role: 'user', content: everySecret('PROMPT-TEXT') } }),
    line('assistant', message('m1', [...said('RESPONSE-TEXT'), thinking, use])),
    line('user', result),
    line('user', todoResult),
    line('user', task),
    line('summary', { summary: everySecret('SUMMARY-TEXT') }),
    line('attachment', { attachment: everySecret('MESSAGE-TEXT') }),
    line('system', { subtype: 'compact_boundary', content: everySecret('SUMMARY-TEXT') }),
    line('brand-new-record', { content: everySecret('MESSAGE-TEXT') }),
    line(everySecret('MESSAGE-TEXT'), {}),
  ]
  const subagent = [
    line('user', { ...inSubagent, parentUuid: null, message: { content: everySecret('PROMPT-TEXT') } }),
    line('assistant', { ...inSubagent, ...message('m2', said('RESPONSE-TEXT')) }),
  ]
  const payloads: readonly (readonly [string, object])[] = [
    ['session_meta', { id: THREAD, cwd: '/home/PRIVATE-FOLDER', instructions: everySecret('PROMPT-TEXT') }],
    ['event_msg', { type: 'user_message', message: everySecret('PROMPT-TEXT') }],
    ['response_item', { type: 'message', role: 'assistant', content: said('RESPONSE-TEXT') }],
    ['response_item', { type: 'function_call', name: 'shell', call_id: 'c1', arguments: everySecret('TOOL-INPUT') }],
    ['response_item', { type: 'function_call_output', call_id: 'c1', output: everySecret('TOOL-OUTPUT') }],
    ['brand_new', { text: everySecret('MESSAGE-TEXT') }],
  ]
  const rollout = payloads.map(([type, payload]) => ({ timestamp: new Date(START_MS).toISOString(), type, payload }))
  const text = (lines: readonly object[]) => lines.map((each) => `${JSON.stringify(each)}\n`).join('')
  return {
    // What cannot be read must not be quoted either.
    [`transcripts/p/${SESSION}.jsonl`]: `${text(main)}{"type": "user", "message": "${everySecret('PROMPT-TEXT')}\n`,
    [`transcripts/p/${SESSION}/subagents/agent-a7.jsonl`]: text(subagent),
    [`transcripts/codex/rollout-2026-11-20T10-00-00-${THREAD}.jsonl`]: text(rollout),
  }
}

test('the same holds for transcripts and rollouts', async () => {
  const otlp = `${[logs(SESSION), traces(), metrics()].join('\n')}\n`
  const run = await runPipeline({ files: { ...transcripts(), 'otlp.jsonl': otlp } })
  const line = run.ledger.find(({ session_id }) => session_id === SESSION)
  expect(line?.sources).toEqual(['claude_code_logs', 'claude_code_metrics', 'claude_code_traces', 'claude_transcript'])
  expect(line?.totals.tasks_completed).toBe(1)
  expect(run.ledger.map(({ session_id }) => session_id)).toContain(THREAD)
  expect(run.logged).toContain('invalid_json')
  await expectSilence(run, [...CORES, ...CONTENT])
})

test('behind `redact` secrets reach nothing, not even where names are expected, and sessions are the same', async () => {
  const named = requests().map((sent) => ({
    ...sent,
    body: sent.body.replaceAll('"Bash"', JSON.stringify(SECRETS.email)),
  }))
  const [open, behind] = [await runListening(named), await runListening(named, { redact: {} })]
  const [lineOpen, lineBehind] = [open, behind].map(({ ledger }) => ledger.at(-1))
  expect(JSON.stringify(lineOpen)).toContain(SECRETS.email)
  expect(Object.keys(lineBehind?.tools ?? {})).toContain('[masked:email]')
  expect(lineBehind).toMatchObject(totalsOf(lineOpen))
  await expectSilence(behind, [...CORES, ...CONTENT])
  const { noticed = {} } = behind.accounts.get('processor/sessions/redact') ?? {}
  const kinds = Object.keys(noticed).map((name) => name.replace('masked_', ''))
  const { github: _apiKey, basic: _basic, short_bearer: _bearer, variable: _variable, ...kindOf } = SECRETS
  expect(kinds).toEqual(expect.arrayContaining([...Object.keys(kindOf), 'blocked']))
})

function totalsOf({ totals, kpis, trigger, sources }: Partial<LedgerLine> = {}): object {
  return { totals, kpis, trigger, sources }
}

/** Looks for words in every file below the storage directory, in the log, and in what commands print of it. */
async function expectSilence(run: Pick<Run, 'directory' | 'logged' | 'accounts'>, words: readonly string[]) {
  const outputs = new Map<string, string>([
    ['log', run.logged],
    ['counters', JSON.stringify([...run.accounts])],
  ])
  const entries = await readdir(run.directory, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name)
    outputs.set(path, (await readFile(path)).toString('latin1'))
  }
  expect(
    [...outputs.keys()].filter((name) => /kpis\.jsonl|reports|sessions|\.agentperf/.test(name)).length,
  ).toBeGreaterThan(3)
  await Promise.all(
    [['sessions'], ['sessions', '--json'], ['report', SESSION], ['doctor'], ['baselines']].map(async (args) => {
      outputs.set(args.join(' '), await printed(args, run.directory))
    }),
  )
  expect(outputs.get('sessions --json')).toContain(SESSION)
  for (const [name, text] of outputs) {
    for (const word of words) expect(text.includes(word), `${word} in ${name}`).toBe(false)
  }
}

async function printed(args: readonly string[], directory: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: await workspace(), AGENTPERF_HOME: directory }
  const done = promisify(execFile)(process.execPath, [MAIN, ...args], { env })
  // A finding ends with 1, and is printed like anything else.
  const { stdout, stderr } = await done.catch((error: { stdout: string; stderr: string }) => error)
  return stdout + stderr
}
