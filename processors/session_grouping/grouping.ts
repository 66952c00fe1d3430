import type { Batch, Context, Next } from '#src/component.ts'
import { readTelemetry } from '#src/dialect/dialects.ts'
import { companionsOf } from '#src/dialect/trust.ts'
import { isDeterministic } from '#src/errors.ts'
import type { Observation } from '#src/model/activity.ts'
import type { SessionTrigger } from '#src/model/session.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { Turns } from '#src/net/turns.ts'
import type { SessionStates, StateEntry } from '#src/store/store.ts'
import { AgentTypes } from './agent-types.ts'
import { Aggregate } from './aggregate.ts'
import { aggregateCodec } from './aggregate-codec.ts'
import { byEnd, ClosingSessions, type Ending } from './closing.ts'
import type { Config } from './config.ts'
import { decodeHeld, encodeHeld, onlySessionAt } from './held.ts'
import { Tally } from './tally.ts'

/** The latest time that a date can have. */
const LATEST_MS = 8.64e15

const HELD_NOTE = 'held'
const CLOSING_NOTE = 'closing'

/** Closing at the limit ends this share of the sessions at once: each closing costs a checkpoint. */
const LIMIT_SHARE = 1 / 16

/** How long after its last activity a session is one that somebody works with, and how often it is told of then. */
const LIVE_MS = 10_000
const LIVE_INTERVAL_MS = 5000
const MAX_LIVE_SESSIONS = 100

/** Many sessions may end at once: requests are answered in between. */
const TURN_MS = 5

/** The open sessions of one pipeline: takes telemetry in, ends sessions, reopens them for late activity. */
export class Grouping {
  readonly #config: Config
  readonly #context: Context
  readonly #agentTypes: AgentTypes
  readonly #next: Next<'session'>
  readonly #sessions: SessionStates<Aggregate>
  readonly #closing = new ClosingSessions()
  readonly #turns = new Turns()
  #held: Observation[] = []
  /** Sessions at work: when they were told of, and up to which activity. */
  #live: ReadonlyMap<string, { readonly sentMs: number; readonly endMs: number }> = new Map()
  #openCount = 0
  /** Whether a checkpoint has what is closing. */
  #closingIsSaved = true
  /** The latest activity seen: the clock of `reopen_window`. */
  #watermarkMs = -Infinity
  /** Sessions end one scan at a time, and nothing is taken in meanwhile. */
  #busy: Promise<void> = Promise.resolve()

  constructor(config: Config, context: Context, next: Next<'session'>) {
    this.#config = config
    this.#context = context
    this.#agentTypes = new AgentTypes(config)
    this.#next = next
    this.#sessions = context.store.sessionStates(context.id, aggregateCodec)
    context.items.observe('open_sessions', () => this.#openCount)
  }

  /** Takes up what a crash or a stop left behind: sessions that were about to be handed on. */
  async resume(): Promise<void> {
    this.#loadNotes()
    // Not before: a start that fails leaves what is saved as it was.
    this.#context.store.beforeCheckpoint(() => this.#saveNotes())
    for (const [id, { phase, endMs }] of this.#sessions.list()) {
      this.#watermarkMs = Math.max(this.#watermarkMs, endMs)
      if (phase === 'open' && !this.#closing.has(id)) this.#openCount++
    }
    await this.#exclusively(() => this.#handOnClosing())
  }

  take(batch: Batch<'telemetry'>): Promise<void> {
    return this.#exclusively(async () => {
      const tally = new Tally(batch.length)
      for (const item of batch) this.#takeItem(item, tally)
      tally.report(this.#context.items, this.#held.length)
      if (this.#openCount > this.#config.max_open_sessions) await this.#endQuietest()
    })
  }

  /** Ends the sessions that said so and those that were idle for long enough, as far as input is known. */
  async endQuietSessions(): Promise<void> {
    const knownUntilMs = Math.min(this.#context.progress.scannedUntilMs(), this.#context.now())
    await this.#exclusively(async () => {
      // Those that were refused downstream.
      await this.#handOnClosing()
      this.#settleHeld(knownUntilMs - this.#config.idle_timeout)
      await this.#end(this.#endedBy(knownUntilMs))
      this.#forgetOldSessions()
    })
  }

  /** Hands on how the sessions do that are open and at work; they are handed on again when they have ended. */
  async sendLive(): Promise<void> {
    const nowMs = this.#context.now()
    await this.#exclusively(async () => {
      const sent = new Map<string, { readonly sentMs: number; readonly endMs: number }>()
      for (const [id, { phase, endMs }] of this.#sessions.list()) {
        if (phase !== 'open' || this.#closing.has(id) || endMs < nowMs - LIVE_MS) continue
        const before = this.#live.get(id)
        const isDue = before === undefined || (endMs > before.endMs && nowMs - before.sentMs >= LIVE_INTERVAL_MS)
        sent.set(id, isDue ? { sentMs: nowMs, endMs } : before)
        if (sent.size >= MAX_LIVE_SESSIONS) break
      }
      const due = [...sent].filter(([id, { sentMs }]) => sentMs === nowMs && this.#live.get(id)?.sentMs !== nowMs)
      this.#live = sent
      for (const [id] of due) {
        await this.#handOnLive(id)
        await this.#turns.pause(TURN_MS)
      }
    })
  }

  async endAllSessions(): Promise<void> {
    await this.#exclusively(async () => {
      await this.#handOnClosing()
      this.#settleHeld(Infinity)
      await this.#end(this.#openSessions('end_of_input'))
    })
  }

  /** Waits until nothing is being handed on. */
  settle(): Promise<void> {
    return this.#busy
  }

  #takeItem(item: Telemetry, tally: Tally): void {
    const reading = readTelemetry(item)
    if (reading === undefined) return tally.unknown(nameOf(item), 'unknown_source')
    if (reading.kind === 'ignored') return tally.ignored(reading.reason)
    if (reading.kind === 'unknown') return tally.unknown(reading.name, 'unknown_name')
    const { observation } = reading
    if (!isRepresentable(observation)) return tally.dropped('implausible_time')
    if (observation.sessionId === undefined) return this.#hold(observation, tally)
    this.#observe(observation, observation.sessionId, tally)
  }

  #observe(observation: Observation, sessionId: string, tally: Tally): void {
    const entry = this.#sessions.get(sessionId) ?? this.#begin(sessionId)
    if (entry === undefined || this.#isLate(entry.state, observation)) return tally.dropped('late')
    const taken = entry.state.take(observation, this.#config.idle_gap)
    if (taken === 'duplicate') return tally.duplicate()
    entry.dirty = true
    if (entry.state.fields.phase === 'closed') this.#reopen(entry)
    this.#watermarkMs = Math.max(this.#watermarkMs, entry.state.endMs)
    if (taken === 'used') tally.used()
    else tally.dropped('session_limit')
  }

  #begin(sessionId: string): StateEntry<Aggregate> | undefined {
    const { history } = this.#context.store
    // Committed long ago and forgotten since: too late for a revision.
    if (history.knows(sessionId)) return undefined
    this.#openCount++
    return this.#sessions.create(sessionId, Aggregate.begin(sessionId, history.revisionOf(sessionId)))
  }

  #isLate(aggregate: Aggregate, observation: Observation): boolean {
    return aggregate.fields.phase === 'closed' && observation.startMs > aggregate.endMs + this.#config.reopen_window
  }

  #reopen(entry: StateEntry<Aggregate>): void {
    entry.state.fields.phase = 'open'
    this.#openCount++
  }

  #hold(observation: Observation, tally: Tally): void {
    this.#held.push(observation)
    if (this.#held.length > this.#config.max_held) {
      this.#held.shift()
      tally.unattributed()
    }
  }

  /** Gives observations without a session id that are old enough to the session around them. */
  #settleHeld(untilMs: number): void {
    const due = this.#held.filter(({ startMs }) => startMs < untilMs)
    if (due.length === 0) return
    this.#held = this.#held.filter(({ startMs }) => startMs >= untilMs)
    const tally = new Tally(0)
    // Windows as they were before: what is settled must not attract the next.
    const windows = [...this.#sessions.list()]
    for (const observation of due) {
      const companions = companionsOf(observation.source)
      const sessionId = onlySessionAt(observation, windows, (id) => this.#hasSourceOf(id, companions))
      if (sessionId === undefined) tally.unattributed()
      // What is placed by its time alone does not say whose session it is.
      else this.#observe({ ...observation, agentType: undefined }, sessionId, tally)
    }
    tally.report(this.#context.items, this.#held.length)
  }

  #hasSourceOf(id: string, companions: readonly string[] | undefined): boolean {
    if (companions === undefined) return true
    const sources = this.#sessions.get(id)?.state.fields.sources ?? {}
    return companions.some((source) => Object.hasOwn(sources, source))
  }

  #openSessions(trigger: SessionTrigger): Ending[] {
    const open: Ending[] = []
    for (const [id, { phase, endMs }] of this.#sessions.list()) {
      if (phase === 'open' && !this.#closing.has(id)) open.push({ id, endMs, trigger })
    }
    return open
  }

  #endedBy(knownUntilMs: number): Ending[] {
    const idleSinceMs = knownUntilMs - this.#config.idle_timeout
    const ended: Ending[] = []
    for (const [id, { phase, endMs, endSignalled }] of this.#sessions.list()) {
      if (phase !== 'open' || this.#closing.has(id) || endMs >= (endSignalled ? knownUntilMs : idleSinceMs)) continue
      ended.push({ id, endMs, trigger: 'idle' })
    }
    return ended
  }

  async #endQuietest(): Promise<void> {
    const excess = this.#openCount - this.#config.max_open_sessions
    const count = Math.max(excess, Math.ceil(this.#config.max_open_sessions * LIMIT_SHARE))
    const quietest = this.#openSessions('limit').toSorted(byEnd).slice(0, count)
    await this.#end(quietest)
  }

  /** Ends sessions: that they have ended is saved before the first of them is handed on. */
  async #end(endings: readonly Ending[]): Promise<void> {
    if (endings.length === 0) return
    for (const ending of endings) this.#closing.add(ending)
    this.#closingIsSaved = false
    this.#openCount -= endings.length
    await this.#handOnClosing()
  }

  async #handOnClosing(): Promise<void> {
    if (!this.#closingIsSaved) await this.#context.store.checkpoint()
    this.#closingIsSaved = true
    for (const ending of this.#closing.inOrder()) {
      const state = this.#sessions.get(ending.id)?.state
      const revision = state === undefined ? 0 : this.#nextRevision(state, ending)
      // One by one: each is compared with a baseline that the one before it may have moved.
      if (state !== undefined) await this.#handOn(state, ending, revision)
      this.#markClosed(ending.id, revision)
      await this.#turns.pause(TURN_MS)
    }
  }

  async #handOnLive(id: string): Promise<void> {
    const state = this.#sessions.get(id)?.state
    if (state === undefined) return
    const { agentType, revision } = state.fields
    const session = state.toSession(this.#agentTypes.ofSession(agentType), 'live', revision + 1)
    await this.#next([this.#agentTypes.renameInvocations(session)])
  }

  /** What can never be handed on must not keep the sessions behind it waiting, nor the next start. */
  async #handOn(state: Aggregate, { id, trigger }: Ending, revision: number): Promise<void> {
    try {
      const { agentType } = state.fields
      const session = state.toSession(this.#agentTypes.ofSession(agentType), trigger, revision)
      await this.#next([this.#agentTypes.renameInvocations(session)])
    } catch (error) {
      if (!isDeterministic(error)) throw error
      this.#context.log.error({ session: id, error: String(error) }, 'a session cannot be assessed and is given up')
      this.#context.items.noticed('session_failed', 1)
    }
  }

  // Another command may have committed revisions meanwhile. An ending that a crash left behind may be in the ledger
  // already: it must get the same number again.
  #nextRevision({ fields }: Aggregate, { id, restored = false }: Ending): number {
    const committed = restored ? 0 : this.#context.store.history.revisionOf(id)
    return Math.max(fields.revision, committed) + 1
  }

  // Not before it was handed on: what a crash or a refusal leaves behind gets the same revision again.
  #markClosed(id: string, revision: number): void {
    this.#closing.delete(id)
    this.#sessions.close(id, revision)
  }

  #forgetOldSessions(): void {
    const beforeMs = this.#watermarkMs - this.#config.reopen_window
    for (const [id, { phase, endMs }] of [...this.#sessions.list()]) {
      if (phase === 'closed' && endMs < beforeMs) this.#sessions.delete(id)
    }
  }

  #saveNotes(): void {
    const { store, id } = this.#context
    store.notes.set(id, HELD_NOTE, encodeHeld(this.#held))
    store.notes.set(id, CLOSING_NOTE, this.#closing.encode())
  }

  #loadNotes(): void {
    const { store, id, items, log } = this.#context
    const saved = store.notes.get(id, HELD_NOTE)
    const { held, unreadable } = decodeHeld(typeof saved === 'string' ? saved : '[]')
    this.#held = held
    items.holding(held.length)
    if (unreadable > 0) {
      items.settled('dropped', unreadable, 'unreadable')
      log.warn(
        { items: unreadable },
        'items without a session id were saved in a way that cannot be read; they are lost',
      )
    }
    const closing = store.notes.get(id, CLOSING_NOTE)
    if (typeof closing === 'string') this.#closing.load(closing)
  }

  #exclusively(work: () => Promise<void>): Promise<void> {
    const done = this.#busy.then(work)
    this.#busy = done.catch(() => {})
    return done
  }
}

function nameOf(item: Telemetry): string {
  return item.kind === 'log' ? (item.eventName ?? `log_of:${item.scope.name || 'unnamed_scope'}`) : item.name
}

// Durations and start times come from telemetry too, and are checked by no receiver.
function isRepresentable({ startMs, endMs }: Observation): boolean {
  return startMs >= 0 && endMs >= 0 && Math.max(startMs, endMs) <= LATEST_MS
}
