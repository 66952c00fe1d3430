import { Origins } from '#receivers/transcripts/origins.ts'
import { TranscriptFile } from '#receivers/transcripts/transcript-file.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import type { Happening, ModelCall, SessionScript, Subagent, ToolCall } from './script.ts'

type Line = Readonly<Record<string, unknown>>

/** The transcript of a session and those of its subagents, as the receiver of transcripts hands them on. */
export function asTranscript(script: SessionScript): Telemetry[] {
  const files = new Map<string, string[]>()
  let lineCount = 0
  for (const happening of script.processes.flatMap(({ happenings }) => happenings)) {
    for (const [agent, line] of linesOf(happening)) {
      lineCount++
      const path = agent === undefined ? `/p/${script.id}.jsonl` : `/p/${script.id}/subagents/agent-${agent.id}.jsonl`
      const common = {
        ...{ uuid: `${script.id}-${lineCount}`, timestamp: new Date(happening.atMs).toISOString(), version: '2.1.328' },
        ...{ sessionId: script.id, isSidechain: agent !== undefined, cwd: '/work', parentUuid: 'p' },
        ...(agent === undefined ? undefined : { agentId: agent.id, attributionAgent: agent.type }),
      }
      files.set(path, [...(files.get(path) ?? []), JSON.stringify({ ...common, ...line })])
    }
  }
  const origins = new Origins()
  return [...files].flatMap(([path, lines]) => {
    const file = new TranscriptFile(path)
    return lines.flatMap((text): Telemetry[] => {
      const line = file.read(text, Date.UTC(2030, 0))
      if (line.kind !== 'event') throw new Error(`a transcript line is ${line.kind}`)
      const { event, timeMs, attributes } = line
      return [{ kind: 'log', timeMs, eventName: event, attributes, ...origins.of(line) }]
    })
  })
}

function linesOf(happening: Happening): readonly (readonly [agent: Subagent | undefined, line: Line])[] {
  switch (happening.kind) {
    case 'prompt':
      return [[undefined, { type: 'user', message: { role: 'user', content: 'do it' } }]]
    case 'compaction':
      return [[undefined, { type: 'system', subtype: 'compact_boundary' }]]
    case 'model_call':
      return messageLines(happening).map((line) => [happening.agent, line])
    case 'model_error': {
      const message = { id: 'synthetic', model: '<synthetic>', content: [], stop_reason: 'stop_sequence', usage: {} }
      return [[happening.agent, { type: 'assistant', isApiErrorMessage: true, message }]]
    }
    case 'tool_call':
      return [[happening.agent, resultLine(happening)]]
    case 'subagent_start': {
      const message = { role: 'user', content: 'job' }
      return [[happening.subagent, { type: 'user', parentUuid: null, message }]]
    }
    default:
      return []
  }
}

/** A line for each block of the answer; each has all the usage. */
function messageLines({ requestId, tokens, tools, last }: ModelCall): Line[] {
  const { freshInput, output, cacheRead, cacheCreation } = tokens
  const usage = {
    ...{ input_tokens: freshInput, output_tokens: output },
    ...{ cache_read_input_tokens: cacheRead, cache_creation_input_tokens: cacheCreation },
  }
  const blocks = [
    { type: 'text', text: 'well' },
    ...tools.map(({ toolUseId, tool, starts }) => ({
      ...{ type: 'tool_use', id: toolUseId, name: tool },
      input: starts === undefined ? {} : { subagent_type: starts.type },
    })),
  ]
  return blocks.map((block) => ({
    type: 'assistant',
    requestId,
    message: {
      ...{ id: `msg-${requestId}`, model: 'claude-opus-5-5', role: 'assistant', content: [block], usage },
      stop_reason: last ? 'end_turn' : 'tool_use',
    },
  }))
}

function resultLine({ toolUseId, outcome, task, starts, durationMs }: ToolCall): Line {
  const result = { type: 'tool_result', tool_use_id: toolUseId, content: 'x', is_error: outcome !== 'ok' }
  const line = { type: 'user', message: { role: 'user', content: [result] } }
  if (outcome === 'rejected') {
    return { ...line, toolUseResult: 'User rejected tool use', permissionDecision: { decision: 'reject' } }
  }
  if (starts !== undefined) {
    const ended = { status: 'completed', agentId: starts.id, agentType: starts.type, totalDurationMs: durationMs }
    const launched = { status: 'async_launched', agentId: starts.id, isAsync: true }
    return { ...line, toolUseResult: starts.background ? launched : ended }
  }
  if (task === undefined) return { ...line, toolUseResult: { stdout: 'x' } }
  if (task.to === 'created') return { ...line, toolUseResult: { task: { id: task.id, subject: 'x' } } }
  return { ...line, toolUseResult: { success: true, taskId: task.id, statusChange: { from: 'pending', to: task.to } } }
}
