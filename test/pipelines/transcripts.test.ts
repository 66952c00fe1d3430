import { expect, test } from 'vitest'
import { assistant, copied, prompt, START_MS, toolResult, toolUse } from '#receivers/transcripts/lines.fixture.ts'
import { onlyLine, runPipeline, workspace } from './harness.ts'

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

const LINES = [
  prompt(0),
  // Old clients: a placeholder on the first lines of a message, the true count on the last.
  assistant(1, { output: 1, stopReason: null }),
  assistant(2, { output: 1, stopReason: null, content: [toolUse('t1', 'Bash')] }),
  assistant(3, { output: 400 }),
  toolResult(4, 't1', {}, true),
  assistant(5, { id: 'msg_2', requestId: undefined, output: 60 }),
  assistant(6, { id: 'msg_2', requestId: undefined, output: 60 }),
]

const TOTALS = { output_tokens: 460, model_calls: 2, tool_calls: 1, tool_failures: 1, prompts: 1 }

test('a message counts once, with the largest of each number', async () => {
  const line = onlyLine(await runPipeline({ files: { 'transcripts/p/s1.jsonl': text(LINES) }, frozen: true }))
  expect(line.totals).toMatchObject(TOTALS)
  expect(line.tools).toEqual({ Bash: { calls: 1, failures: 1 } })
  expect(line.evidence.token_efficiency).toMatchObject({ estimated: false, sources: ['claude_transcript'] })
})

test('a fork counts what is its own, also when it comes in a later run', async () => {
  const place = await workspace()
  await runPipeline({ files: { 'transcripts/p/s1.jsonl': text(LINES) } }, place)
  const fork = [...LINES.map((line) => copied(line, 's2')), copied(assistant(20, { id: 'msg_3', output: 5 }), 's2')]
  const { ledger } = await runPipeline({ files: { 'transcripts/p/s2.jsonl': text(fork) } }, place)
  expect(ledger.map(({ session_id, revision }) => [session_id, revision])).toEqual([
    ['s1', 1],
    ['s2', 1],
  ])
  expect(ledger[0]?.totals).toMatchObject(TOTALS)
  expect(ledger[1]?.totals).toMatchObject({ output_tokens: 5, model_calls: 1 })
  expect(ledger[1]?.started_at).toBe(new Date(START_MS + 20_000).toISOString())
})

test('a subagent’s part belongs to the session once, and is an invocation of its own', async () => {
  const inSubagent = { isSidechain: true, agentId: 'a1' }
  const main = [
    prompt(0),
    assistant(1, { content: [toolUse('t1', 'Agent', { subagent_type: 'Explore' })] }),
    toolResult(9, 't1', {
      toolUseResult: { status: 'completed', agentId: 'a1', agentType: 'Explore', totalDurationMs: 6000 },
    }),
  ]
  const subagent = [
    prompt(3, 'x', { ...inSubagent, parentUuid: null }),
    assistant(8, { id: 'msg_9', stopReason: 'end_turn' }, inSubagent),
  ]
  const files = {
    'transcripts/p/s1.jsonl': text(main),
    'transcripts/p/s1/subagents/agent-a1.jsonl': text(subagent),
  }
  const line = onlyLine(await runPipeline({ files }))
  expect(line.totals).toMatchObject({ model_calls: 2, output_tokens: 200, prompts: 1, tool_calls: 1 })
  expect(line.invocations).toMatchObject([
    { invocation_id: 'a1', agent_type: 'Explore', status: 'success', duration_seconds: 6 },
  ])
})
