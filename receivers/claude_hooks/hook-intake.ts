import type { IncomingMessage } from 'node:http'
import type { Context } from '#src/component.ts'
import type { InjectionLine } from '#src/model/injection.ts'
import type { LogRecord } from '#src/model/telemetry.ts'
import { ByteBudget, type ByteHold } from '#src/net/byte-budget.ts'
import type { PacedWarnings } from '#src/net/paced-warnings.ts'
import { readBody } from '#src/net/read-body.ts'
import { jsonExcess } from '#src/otlp/json-excess.ts'
import type { Config } from './config.ts'
import { eventNameOf, type HookEvent, isHookEvent, MAX_NAME_LENGTH, toLogRecord, withAgentType } from './hook-record.ts'
import { unknownFields } from './known-fields.ts'

/** Requests are answered in between. */
const TURN_MS = 5

/** What a record takes of memory, about. */
const RECORD_BYTES = 2048

/** What every hook is answered that nobody has something to say to. */
const NOTHING_TO_SAY = '{}'

/** Events whose answer the agent reads: these alone are parsed before they are answered. */
const ANSWERABLE: ReadonlySet<string> = new Set(['SessionStart', 'SubagentStart', 'UserPromptSubmit'])

type DropReason = 'stopping' | 'queue_full' | 'too_large' | 'too_complex' | 'invalid_json' | 'not_a_hook_event'

interface Waiting {
  readonly body: Buffer
  readonly agentType: string | undefined
  readonly timeMs: number
  readonly hold: ByteHold
}

export interface HookIntakeOptions {
  readonly config: Config
  readonly context: Context
  readonly warnings: PacedWarnings
  /** Takes over the record and, until it was handed on, the memory that it holds. */
  readonly accept: (records: readonly LogRecord[], hold: ByteHold) => void
}

/** Takes hook events in: answers them at once, and reads them afterwards. */
export class HookIntake {
  readonly #options: HookIntakeOptions
  readonly #budget: ByteBudget
  #stopping = false
  #waiting: Waiting[] = []
  #turn: NodeJS.Immediate | undefined

  constructor(options: HookIntakeOptions) {
    this.#options = options
    this.#budget = new ByteBudget(options.config.queue_size)
  }

  /** Reads what was answered. From now on everything is dropped. */
  stop(): void {
    this.#stopping = true
    clearImmediate(this.#turn)
    for (const waiting of this.#waiting) this.#read(waiting)
    this.#waiting = []
  }

  /**
   * Whatever becomes of the event, the answer is one that the agent goes on with.
   *
   * @returns the answer, in JSON; `undefined` when the sender has gone
   */
  async take(request: IncomingMessage, announcedBytes: number | undefined): Promise<string | undefined> {
    const { max_body_size } = this.#options.config
    if (this.#stopping) return this.#drop('stopping')
    if ((announcedBytes ?? 0) > max_body_size) return this.#drop('too_large')
    const hold = this.#budget.open()
    const body = await readBody(request, announcedBytes, max_body_size, hold)
    if (typeof body !== 'string' && !this.#stopping) {
      const agentType = agentTypeIn(request.url)
      this.#waiting.push({ body, agentType, timeMs: this.#options.context.now(), hold })
      this.#turn ??= setImmediate(() => this.#readWaiting())
      return this.#answerTo(body, agentType)
    }
    hold.release()
    if (body === 'aborted') return undefined
    if (typeof body !== 'string') return this.#drop('stopping')
    return this.#drop(body === 'no_room' ? 'queue_full' : body)
  }

  #drop(reason: DropReason): string {
    const { context, warnings } = this.#options
    context.items.received(1)
    context.items.settled('dropped', 1, reason)
    warnings.warn(reason, { reason }, 'a hook event was dropped')
    return NOTHING_TO_SAY
  }

  async #answerTo(body: Buffer, agentType: string | undefined): Promise<string> {
    // Cheaper than parsing; that the name may stand elsewhere in the event does no harm.
    if (![...ANSWERABLE].some((name) => body.includes(name))) return NOTHING_TO_SAY
    const event = parse(body, agentType)
    if (typeof event === 'string' || !ANSWERABLE.has(eventNameOf(event) ?? '')) return NOTHING_TO_SAY
    const { context } = this.#options
    try {
      const answer = context.decisions.answerHook(event, context.now())
      // What is not on record is not said.
      await context.store.suggestions.append(answer.events)
      if (answer.injection !== undefined) this.#record(answer.injection)
      return JSON.stringify(answer.body)
    } catch (error) {
      // A message could quote the event.
      const name = error instanceof Error ? error.name : 'unknown'
      context.items.noticed('answers_failed', 1)
      context.log.error({ error: name }, 'a hook could not be given its answer; it got an empty one')
      return NOTHING_TO_SAY
    }
  }

  /** Whoever is promised something in the ledger of suggestions is told it, whether this record can be kept or not. */
  #record(injection: InjectionLine): void {
    const { context, warnings } = this.#options
    try {
      context.store.injections.append(injection)
    } catch (error) {
      context.items.noticed('injections_not_recorded', 1)
      const name = error instanceof Error ? error.name : 'unknown'
      warnings.warn(
        'injection',
        { error: name },
        'what an agent was told could not be kept in history/injections.jsonl',
      )
    }
  }

  #readWaiting(): void {
    const turnEndMs = performance.now() + TURN_MS
    let done = 0
    for (const waiting of this.#waiting) {
      this.#read(waiting)
      done++
      if (performance.now() >= turnEndMs) break
    }
    this.#waiting = this.#waiting.slice(done)
    this.#turn = this.#waiting.length === 0 ? undefined : setImmediate(() => this.#readWaiting())
  }

  #read({ body, agentType, timeMs, hold }: Waiting): void {
    const { accept, context } = this.#options
    const event = parse(body, agentType)
    const name = typeof event === 'string' ? undefined : eventNameOf(event)
    if (typeof event === 'string' || name === undefined) {
      hold.release()
      this.#drop(typeof event === 'string' ? event : 'not_a_hook_event')
      return
    }
    for (const field of unknownFields(name, event)) context.items.unknownName(`${name}.${field}`)
    const record = toLogRecord(event, name, timeMs)
    // Less than its body took, or little more: there is always room.
    hold.resize(Math.min(RECORD_BYTES, body.length))
    accept([record], hold)
  }
}

/** What sessions are called whose events do not say: `POST /hooks?agent_type=codex`. */
function agentTypeIn(url: string | undefined): string | undefined {
  const query = url?.split('?', 2)[1]
  const told = query === undefined ? null : new URLSearchParams(query).get('agent_type')
  if (told === null || told === '') return undefined
  // Through bytes: V8 would keep the whole query with a part that was cut from it, for each event that waits.
  return Buffer.from(told.slice(0, MAX_NAME_LENGTH)).toString()
}

function parse(
  body: Buffer,
  agentType: string | undefined,
): HookEvent | 'invalid_json' | 'not_a_hook_event' | 'too_complex' {
  if (jsonExcess(body) !== undefined) return 'too_complex'
  let event: unknown
  try {
    event = JSON.parse(body.utf8Slice(0, body.length))
  } catch {
    // The engine's message quotes the text.
    return 'invalid_json'
  }
  if (!isHookEvent(event)) return 'not_a_hook_event'
  return agentType === undefined ? event : withAgentType(event, agentType)
}
