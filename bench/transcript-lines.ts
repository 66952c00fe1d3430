import type { Random } from '../scripts/samples/random.ts'

/** Whose transcript it is. */
export interface Conversation {
  readonly project: string
  readonly sessionId: string
  /** Of a subagent's file. */
  readonly agentId: string | undefined
  readonly startMs: number
}

const WORDS =
  'const return await the function of "index" file\n  value = test result\t{ type: string } => src/model error line 42 import from map '
const CORPUS = WORDS.repeat(2000)
const TOOLS = ['Bash', 'Read', 'Edit', 'Grep', 'Write', 'Glob'] as const
const TURN_MS = 9000
/** Every so often the user says something. */
const TURNS_PER_PROMPT = 12

/**
 * The lines of one turn: now and then a prompt; an answer in two lines, the second of which calls a tool; a note of the
 * client; and what came of the tool, which has its output twice, as Claude Code writes it.
 */
export function transcriptTurn(conversation: Conversation, turn: number, random: Random): readonly string[] {
  const at = (seconds: number): string => new Date(conversation.startMs + turn * TURN_MS + seconds * 1000).toISOString()
  const messageId = `msg_${random.hex(20)}`
  const callId = `toolu_${random.hex(20)}`
  const tool = TOOLS[random.integer(0, TOOLS.length - 1)] ?? 'Bash'
  const requestId = `req_${random.hex(20)}`
  const answer = (content: object, seconds: number): string =>
    line(conversation, random, at(seconds), {
      message: {
        ...{ id: messageId, type: 'message', role: 'assistant', model: 'claude-opus-5-5', content: [content] },
        ...{ stop_reason: 'tool_use', stop_sequence: null, usage: usageAt(turn), stop_details: null },
      },
      ...{ apiBlockIndex: seconds, requestId, type: 'assistant' },
    })
  const output = excerpt(random, outputCharacters(random))
  const lines = [
    answer({ type: 'text', text: excerpt(random, random.integer(300, 1500)) }, 1),
    answer(
      { type: 'tool_use', id: callId, name: tool, input: { command: excerpt(random, random.integer(100, 2500)) } },
      2,
    ),
    line(conversation, random, at(3), {
      attachment: { type: 'hook_success', hookName: `PostToolUse:${tool}`, stdout: excerpt(random, 400), exitCode: 0 },
      type: 'attachment',
    }),
    line(conversation, random, at(4), {
      ...{ promptId: random.uuid(), type: 'user' },
      message: {
        role: 'user',
        content: [{ tool_use_id: callId, type: 'tool_result', content: output, is_error: random.chance(0.05) }],
      },
      ...{ toolUseResult: { stdout: output, stderr: '', interrupted: false, isImage: false } },
    }),
  ]
  if (turn % TURNS_PER_PROMPT !== 0) return lines
  const prompt = { role: 'user', content: excerpt(random, random.integer(40, 800)) }
  return [line(conversation, random, at(0), { promptId: random.uuid(), type: 'user', message: prompt }), ...lines]
}

/** In the order of keys in which Claude Code 2.1 writes them. */
function line(
  { sessionId, agentId, project }: Conversation,
  random: Random,
  timestamp: string,
  details: object,
): string {
  return JSON.stringify({
    ...{ parentUuid: random.uuid(), isSidechain: agentId !== undefined, ...(agentId === undefined ? {} : { agentId }) },
    ...withUuid(details, random.uuid(), timestamp),
    ...{
      userType: 'external',
      entrypoint: 'cli',
      cwd: `/home/dev/${project}`,
      sessionId,
      version: '2.1.328',
      gitBranch: 'main',
    },
  })
}

/** A tool's result comes behind them, everything else before. */
function withUuid(details: object, uuid: string, timestamp: string): object {
  if (!('toolUseResult' in details)) return { ...details, uuid, timestamp }
  const { toolUseResult, ...before } = details
  return { ...before, uuid, timestamp, toolUseResult }
}

function usageAt(turn: number): object {
  return {
    ...{ input_tokens: 4 + (turn % 5), cache_creation_input_tokens: 400, cache_read_input_tokens: 12_000 + 400 * turn },
    ...{ output_tokens: 120 + (turn % 90), output_tokens_details: { thinking_tokens: 0 }, service_tier: 'standard' },
    ...{ cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 400 }, speed: 'standard' },
  }
}

/** Most outputs are short, some are whole files. */
function outputCharacters(random: Random): number {
  return Math.floor(200 * 150 ** random.next())
}

function excerpt(random: Random, characters: number): string {
  const start = random.integer(0, WORDS.length - 1)
  return CORPUS.slice(start, start + characters)
}
