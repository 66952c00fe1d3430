import { describe, expect, test } from 'vitest'
import { assistant, bare, copied, prompt, SECRET, toolResult, toolUse } from './lines.fixture.ts'
import { TranscriptFile } from './transcript-file.ts'

const NOW_MS = Date.UTC(2026, 10, 21)

/** What reading a line without parsing it gives; the line stands in the middle of others. */
function scanned(line: string): unknown {
  const bytes = Buffer.from(`{"x":1}\n${line}\n${line}\n`)
  return new TranscriptFile('/p/s1.jsonl').scan(bytes, 8, 8 + Buffer.byteLength(line), NOW_MS)
}

function parsed(line: string): unknown {
  return new TranscriptFile('/p/s1.jsonl').read(line, NOW_MS)
}

/** The fixture's lines in the order of keys in which a client writes them. */
function inOrder(line: string, keys: readonly string[]): string {
  const object = JSON.parse(line)
  return JSON.stringify(Object.fromEntries(keys.filter((key) => key in object).map((key) => [key, object[key]])))
}

const NEW =
  'parentUuid,isSidechain,promptId,agentId,type,message,requestId,uuid,timestamp,toolUseResult,sandboxed,sourceToolAssistantUUID,permissionDecision,forkedFrom,userType,entrypoint,cwd,sessionId,version,gitBranch'.split(
    ',',
  )
const OLD =
  'parentUuid,isSidechain,userType,cwd,sessionId,version,gitBranch,agentId,type,message,requestId,uuid,timestamp,toolUseResult,forkedFrom'.split(
    ',',
  )
const ATTACHMENT = 'parentUuid,isSidechain,attachment,type,uuid,timestamp,userType,cwd,sessionId,version'.split(',')

const tricky = 'a "quote" \\ and "uuid":"x" ]},"uuid":"y","timestamp":"z" "tool_use_id":"t9" \n ü 😀'
const content = (blocks: readonly object[]) => ({ message: { role: 'user', content: blocks }, userType: 'external' })
const result = (fields: object) => ({ type: 'tool_result', tool_use_id: 't1', content: tricky, ...fields })
const reordered = { type: 'tool_result', content: tricky, is_error: true, tool_use_id: 't1' }

const LINES: readonly { readonly name: string; readonly line: string; readonly quick: boolean }[] = [
  { name: 'a result', line: toolResult(1, 't1', { userType: 'external' }), quick: true },
  {
    name: 'a result of a subagent',
    line: toolResult(1, 't1', { userType: 'external', isSidechain: true, agentId: 'a1' }),
    quick: true,
  },
  {
    name: 'a result that failed',
    line: toolResult(1, 't1', { userType: 'external', toolUseResult: `Error: ${SECRET}` }, true),
    quick: true,
  },
  {
    name: 'a result that imitates the end of a message',
    line: toolResult(1, 't1', content([result({ is_error: false })])),
    quick: true,
  },
  { name: 'its id behind', line: toolResult(1, 't1', content([reordered])), quick: true },
  {
    name: 'a list of parts',
    line: toolResult(
      1,
      't1',
      content([{ tool_use_id: 't1', type: 'tool_result', content: [{ type: 'text', text: tricky }] }]),
    ),
    quick: true,
  },
  {
    name: 'two results',
    line: toolResult(1, 't1', content([reordered, { ...reordered, tool_use_id: 't2' }])),
    quick: false,
  },
  {
    name: 'two results, ids before',
    line: toolResult(1, 't1', content([result({}), result({ tool_use_id: 't2' })])),
    quick: false,
  },
  {
    name: 'a result that was refused',
    line: toolResult(1, 't1', { userType: 'external', permissionDecision: { decision: 'reject' } }, true),
    quick: false,
  },
  {
    name: 'refused, as old clients say it',
    line: toolResult(1, 't1', { userType: 'external', toolUseResult: 'User rejected tool use' }, true),
    quick: false,
  },
  {
    name: 'a task',
    line: toolResult(1, 't1', { userType: 'external', toolUseResult: { task: { id: '1' } } }),
    quick: false,
  },
  {
    name: 'a subagent',
    line: toolResult(1, 't1', { userType: 'external', toolUseResult: { status: 'completed', agentId: 'a1' } }),
    quick: false,
  },
  {
    name: 'to-dos',
    line: toolResult(1, 't1', {
      userType: 'external',
      toolUseResult: { oldTodos: [], newTodos: [{ id: '1', status: 'pending' }] },
    }),
    quick: false,
  },
  {
    name: 'a branch’s copy',
    line: copied(toolResult(1, 't1', { userType: 'external' }), 's2', { forkedFrom: { sessionId: 's1' } }),
    quick: false,
  },
  {
    name: 'a session id of other characters',
    line: copied(toolResult(1, 't1', { userType: 'external' }), 'sé'),
    quick: true,
  },
  { name: 'a time that is none', line: toolResult(1, 't1', { userType: 'external', timestamp: 'soon' }), quick: true },
  { name: 'a prompt', line: prompt(1, tricky, { userType: 'external' }), quick: false },
  { name: 'an answer', line: assistant(1, { content: [{ type: 'text', text: tricky }] }), quick: true },
  {
    name: 'a thought',
    line: assistant(1, { content: [{ type: 'thinking', thinking: tricky, signature: SECRET }] }),
    quick: true,
  },
  { name: 'a call', line: assistant(1, { content: [toolUse('t1', 'Bash', { a: { b: [tricky, {}] } })] }), quick: true },
  { name: 'a call without input', line: assistant(1, { content: [toolUse('t1', 'Bash', {})] }), quick: true },
  {
    name: 'a call that starts a subagent',
    line: assistant(1, { content: [toolUse('t1', 'Agent', { subagent_type: 'Plan' })] }),
    quick: false,
  },
  {
    name: 'a call whose input imitates the end of a message',
    line: assistant(1, { content: [toolUse('t1', 'Bash', { a: [1], stop_reason: 'x', b: 2 })] }),
    quick: false,
  },
  {
    name: 'several blocks',
    line: assistant(1, { content: [{ type: 'text', text: tricky }, toolUse('t1', 'Bash')] }),
    quick: false,
  },
]

describe.for([
  { client: 'new', keys: NEW },
  { client: 'old', keys: OLD },
])('as $client clients write it', ({ keys }) => {
  test.for(LINES)('$name: the same as the parser says', ({ line, quick }) => {
    const ordered = inOrder(line, keys)
    const found = scanned(ordered)
    if (found !== undefined) expect(found).toEqual(parsed(ordered))
    expect(found !== undefined).toBe(quick || (keys === OLD && line.includes('"decision":"reject"')))
  })
})

test.for([
  {
    name: 'a note of the client',
    line: inOrder(prompt(1, '', { type: 'attachment', attachment: { stdout: tricky } }), ATTACHMENT),
  },
  { name: 'a kind that tells nothing', line: bare('file-history-snapshot', { snapshot: { a: tricky } }) },
])('$name is passed over', ({ line }) => {
  expect(scanned(line)).toEqual(parsed(line))
  expect(parsed(line)).toEqual({ kind: 'ignored' })
})

test('a line that was cut anywhere is never taken for a whole one', () => {
  const line = inOrder(toolResult(1, 't1', { ...content([result({})]), toolUseResult: { stdout: tricky } }), NEW)
  for (let length = 0; length < line.length; length++) {
    const cut = line.slice(0, length)
    const found = scanned(cut)
    if (found !== undefined) expect(parsed(cut)).toEqual(found)
  }
})
