/** Lines as Claude Code and Codex write them, with secrets in all places that hold what was said. */

export const START_MS = Date.UTC(2026, 10, 20, 10)
export const SECRET = 'sk-planted-7f3a'

type Fields = Readonly<Record<string, unknown>>

let written = 0

function record(type: string, second: number, fields: Fields): string {
  written++
  return JSON.stringify({
    parentUuid: 'p',
    isSidechain: false,
    type,
    uuid: `00000000-0000-4000-8000-${String(written).padStart(12, '0')}`,
    timestamp: new Date(START_MS + second * 1000).toISOString(),
    cwd: `/home/${SECRET}`,
    sessionId: 's1',
    version: '2.1.328',
    ...fields,
  })
}

export interface Message {
  readonly id?: string
  readonly requestId?: string | undefined
  readonly output?: number
  readonly stopReason?: string | null
  readonly model?: string
  readonly content?: readonly Fields[]
}

/** One of an assistant message's lines. */
export function assistant(second: number, message: Message = {}, fields: Fields = {}): string {
  const { id = 'msg_1', requestId = `req_${id}`, output = 100, stopReason = 'tool_use', model = 'opus' } = message
  const { content = [{ type: 'text', text: SECRET }] } = message
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 200,
    cache_read_input_tokens: 5000,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: 7 },
  }
  const body = { id, type: 'message', role: 'assistant', model, content, stop_reason: stopReason, usage }
  return record('assistant', second, {
    message: body,
    ...('requestId' in message && requestId === undefined ? {} : { requestId }),
    ...fields,
  })
}

export function toolUse(id: string, name: string, input: Fields = { command: SECRET }): Fields {
  return { type: 'tool_use', id, name, input }
}

export function prompt(second: number, content: unknown = `please ${SECRET}`, fields: Fields = {}): string {
  return record('user', second, { message: { role: 'user', content }, ...fields })
}

export function toolResult(second: number, id: string, fields: Fields = {}, isError?: boolean): string {
  const result = {
    type: 'tool_result',
    tool_use_id: id,
    content: SECRET,
    ...(isError === undefined ? {} : { is_error: isError }),
  }
  return record('user', second, {
    message: { role: 'user', content: [result] },
    toolUseResult: { stdout: SECRET },
    ...fields,
  })
}

export function system(second: number, subtype: string): string {
  return record('system', second, { subtype, content: SECRET })
}

/** A line of a kind that has neither time nor id. */
export function bare(type: string, fields: Fields = {}): string {
  return JSON.stringify({ type, sessionId: 's1', ...fields })
}

/** A line as a fork's file has it. */
export function copied(line: string, sessionId: string, fields: Fields = {}): string {
  return JSON.stringify({ ...JSON.parse(line), sessionId, ...fields })
}

/** A line of a Codex rollout. */
export function codex(second: number, type: string, payload: Fields): string {
  return JSON.stringify({ timestamp: new Date(START_MS + second * 1000).toISOString(), ordinal: second, type, payload })
}
