import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What the model does next. */
export type Turn =
  | { readonly say: string; readonly call?: readonly ToolCall[]; readonly refuseFirst?: readonly number[] }
  | { readonly refuse: number }
  | { readonly hang: true }

/** What the model says to one prompt; it may depend on the request, all of it as JSON. */
export type Script = readonly Turn[] | ((asked: string) => readonly Turn[])

export interface ToolCall {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

/** What an answer cost, as the API says it. */
export interface Usage {
  readonly input_tokens: number
  readonly cache_creation_input_tokens: number
  readonly cache_read_input_tokens: number
  readonly output_tokens: number
}

/** An answer that was given in full. */
export interface Answered {
  /** Name of the script; absent for what the client asks beside them. */
  readonly script: string | undefined
  readonly usage: Usage
}

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: ToolCall['input'] }

interface Message {
  readonly role: string
  readonly content: string | readonly { readonly type: string; readonly text?: string }[]
}

interface Request {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly Message[]
  readonly tools?: readonly unknown[]
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

/**
 * Stands in for the Messages API. The last prompt that names a script (`[script:tour]`) says which one it answers from;
 * which of its turns comes next follows from the conversation, so that resumed and parallel ones need no state here.
 */
export class ModelApi {
  readonly answered: Answered[] = []
  /** What a script was asked with: requests as JSON. */
  readonly asked: { readonly script: string; readonly body: string }[] = []
  /** Answers of other statuses than 200. */
  refused = 0
  /** Requests that wait for ever. */
  hanging = 0
  readonly #scripts: Readonly<Record<string, Script>>
  readonly #refusals = new Map<Turn, number>()
  readonly #server: Server
  #requests = 0

  constructor(scripts: Readonly<Record<string, Script>>) {
    this.#scripts = scripts
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error))
    })
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    if (new URL(request.url ?? '', 'http://localhost').pathname !== '/v1/messages') return this.#refuse(response, 404)
    const asked = JSON.parse(body) as Request
    const { script, turn } = this.#turnOf(asked, body)
    if (script !== undefined) this.asked.push({ script, body })
    if ('hang' in turn) {
      this.hanging++
      return
    }
    if ('refuse' in turn) return this.#refuse(response, turn.refuse)
    const refusals = this.#refusals.get(turn) ?? 0
    const refusal = turn.refuseFirst?.[refusals]
    if (refusal !== undefined) {
      this.#refusals.set(turn, refusals + 1)
      return this.#refuse(response, refusal)
    }
    const usage = this.#usage()
    const head = { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model: asked.model }
    if (asked.stream) stream(response, head, blocksOf(turn), usage)
    else send(response, 200, { ...head, content: blocksOf(turn), ...endOf(turn), usage })
    this.answered.push({ script, usage })
  }

  #turnOf(
    { messages, tools = [] }: Request,
    body: string,
  ): { readonly script: string | undefined; readonly turn: Turn } {
    const at = messages.findLastIndex(({ role, content }) => role === 'user' && nameIn(content) !== undefined)
    const script = nameIn(messages[at]?.content ?? '')
    // What the client wants to know beside the conversation (a title, a summary) has no tools.
    if (script === undefined || tools.length === 0) return { script: undefined, turn: { say: '{"title":"Stand-in"}' } }
    const known = this.#scripts[script] ?? []
    const turns = typeof known === 'function' ? known(body) : known
    const turn = turns[messages.slice(at).filter(({ role }) => role === 'assistant').length]
    if (turn === undefined) throw new Error(`script ${script} has no such turn`)
    return { script, turn }
  }

  // No two answers have a number in common, nor two sets of answers their sum of output: what is missing, counted twice or
  // counted for another invocation shows.
  #usage(): Usage {
    const n = ++this.#requests
    return {
      input_tokens: 101 + n,
      cache_creation_input_tokens: 1003 + 10 * n,
      cache_read_input_tokens: 20_011 + 1000 * n,
      output_tokens: 2 ** n,
    }
  }

  #refuse(response: ServerResponse, status: number): void {
    this.refused++
    const type = ERROR_TYPES[status] ?? 'not_found_error'
    send(response, status, { type: 'error', error: { type, message: 'refused by the stand-in' } })
  }
}

function nameIn(content: Message['content']): string | undefined {
  const texts = typeof content === 'string' ? [content] : content.map((block) => block.text ?? '')
  return /\[script:(\w+)\]/.exec(texts.join('\n'))?.[1]
}

function blocksOf({ say, call = [] }: Extract<Turn, { say: string }>): readonly Block[] {
  const calls = call.map(({ name, input }) => ({ type: 'tool_use' as const, id: `toolu_${randomUUID()}`, name, input }))
  return [{ type: 'text', text: say }, ...calls]
}

function endOf({ call }: Extract<Turn, { say: string }>) {
  return { stop_reason: call === undefined ? 'end_turn' : 'tool_use', stop_sequence: null }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': `req_${randomUUID()}` })
  response.end(JSON.stringify(body))
}

/** As server-sent events. The output is a placeholder at first, as it is with the real API, and known in the end. */
function stream(response: ServerResponse, head: object, blocks: readonly Block[], usage: Usage): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${randomUUID()}` })
  const event = (type: string, fields: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  }
  const message = {
    ...head,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  }
  event('message_start', { message })
  for (const [index, block] of blocks.entries()) {
    const isText = block.type === 'text'
    event('content_block_start', { index, content_block: { ...block, ...(isText ? { text: '' } : { input: {} }) } })
    const delta = isText
      ? { type: 'text_delta', text: block.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
    event('content_block_delta', { index, delta })
    event('content_block_stop', { index })
  }
  const called = blocks.some(({ type }) => type === 'tool_use')
  event('message_delta', { delta: { stop_reason: called ? 'tool_use' : 'end_turn', stop_sequence: null }, usage })
  event('message_stop', {})
  response.end()
}
