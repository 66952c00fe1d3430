import { InvalidDataError } from '#src/errors.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import type { LedgerLineName } from '#src/model/suggestion.ts'
import type { AckLog } from './ack-log.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { formatCheckpoint } from './checkpoint.ts'
import { coalesce } from './coalesce.ts'
import type { LoadedHistory } from './history-loader.ts'
import type { InjectionLog } from './injection-log.ts'
import type { Layout } from './layout.ts'
import { type Ledger, MAX_LINE_BYTES } from './ledger.ts'
import type { LedgerHistory } from './ledger-history.ts'
import { isLedgerLine } from './ledger-line.ts'
import type { Lock } from './lock.ts'
import type { OpenStore, StoreMode, UnfinishedEntry } from './open-store.ts'
import { checkpointOf, type State } from './restored-state.ts'
import { DEFAULT_HOT_LIMIT, LoggedSessionStates } from './session-states.ts'
import { SnapshotWriter } from './snapshot-writer.ts'
import type { CommitOptions, Json, LedgerEntry, SessionStates, StateCodec } from './store.ts'
import type { SuggestionLedger } from './suggestion-ledger.ts'

/** What `openStore` has opened. */
export interface StoreParts {
  readonly mode: StoreMode
  readonly layout: Layout
  readonly lock: Lock | undefined
  readonly ledger: Ledger
  readonly loaded: LoadedHistory
  readonly suggestions: SuggestionLedger
  readonly acks: AckLog
  readonly injections: InjectionLog
  readonly state: State
  readonly report: readonly string[]
  readonly hotLimit: number | undefined
}

interface StateSet<S> {
  readonly codec: StateCodec<S>
  readonly states: LoggedSessionStates<S>
}

/** The state below one directory. */
export class DirectoryStore implements OpenStore {
  readonly directory: string
  readonly ephemeral: boolean
  readonly report: readonly string[]
  readonly history: LedgerHistory
  readonly suggestions: SuggestionLedger
  readonly acks: AckLog
  readonly injections: InjectionLog
  readonly positions: State['positions']
  readonly notes: State['notes']
  readonly counters: OpenStore['counters']
  readonly checkpoint: () => Promise<void>
  readonly #parts: StoreParts
  readonly #ledger: Ledger
  readonly #state: State
  readonly #snapshots: SnapshotWriter
  readonly #firstCursor: number
  readonly #sets = new Map<string, StateSet<unknown>>()
  readonly #beforeCheckpoint: (() => void)[] = []
  #closing: Promise<void> | undefined
  #isClosed = false

  constructor(parts: StoreParts) {
    const { mode, layout, ledger, loaded, state, report } = parts
    this.directory = layout.directory
    this.ephemeral = mode === 'ephemeral'
    this.report = report
    this.history = loaded.history
    this.suggestions = parts.suggestions
    this.acks = parts.acks
    this.injections = parts.injections
    this.positions = state.positions
    this.notes = state.notes
    this.counters = countersOf(state)
    this.checkpoint = coalesce(() => this.#writeCheckpoint())
    this.#parts = parts
    this.#ledger = ledger
    this.#state = state
    this.#snapshots = new SnapshotWriter(layout.snapshot, loaded.history, ledger, loaded.linesRead)
    this.#firstCursor = mode === 'ephemeral' ? ledger.length : 0
  }

  sessionStates<S>(name: string, codec: StateCodec<S>): SessionStates<S> {
    const known = this.#sets.get(name)
    if (known === undefined) {
      const states = new LoggedSessionStates(name, codec, this.#state.log, this.#parts.hotLimit ?? DEFAULT_HOT_LIMIT)
      this.#sets.set(name, { codec, states })
      return states
    }
    if (isSetOf(known, codec)) return known.states
    throw new Error(`The session states "${name}" are shared, but two codecs were given for them.`)
  }

  beforeCheckpoint(save: () => void): void {
    this.#beforeCheckpoint.push(save)
  }

  // Nothing is awaited in it: ledger and history change together, and commits cannot overtake each other.
  async commit(
    assessments: readonly Assessment[],
    { withHistory = true }: CommitOptions = {},
  ): Promise<readonly LedgerEntry[]> {
    this.#refuseWhenClosed()
    const lines = this.#newOnes(assessments).map((assessment) => ({ assessment, bytes: bytesOf(assessment) }))
    if (lines.length === 0) return []
    let offset = this.#ledger.length
    this.#ledger.append(inOne(lines.map(({ bytes }) => bytes)))
    const entries = lines.map(({ assessment, bytes }) => {
      this.history.apply(assessment.line, offset)
      offset += bytes.length
      const history = withHistory && { history: this.history.standing(assessment.line) }
      const sessionsSoFar = this.history.index.sessionCount
      return { assessment: { ...assessment, ...history, sessionsSoFar }, endOffset: offset }
    })
    if (this.#parts.mode !== 'ephemeral') this.#snapshots.committed(entries.length)
    return entries
  }

  sync(): Promise<void> {
    return this.#ledger.sync()
  }

  endOffset(): number {
    return this.#ledger.length
  }

  async *replay(fromOffset: number): AsyncGenerator<LedgerEntry> {
    if (fromOffset >= this.#ledger.length) return
    const history = this.history.rewound(fromOffset)
    for await (const { records } of this.#ledger.batches(fromOffset)) {
      for (const { line, offset, endOffset } of records) {
        history.apply(line, offset)
        const known = { history: history.standing(line), sessionsSoFar: history.index.sessionCount }
        yield { assessment: { line, live: false, ...known, replayed: true }, endOffset }
      }
    }
  }

  async *unfinished(): AsyncGenerator<UnfinishedEntry> {
    const from = this.#state.finishedOffset
    let isSettled = await this.#isSettledAfter(from)
    for await (const entry of this.replay(from)) {
      // The last one that is known to be settled may be so in part.
      if (isSettled && isNamed(entry.assessment.line, this.suggestions.lastAfter)) isSettled = false
      yield { ...entry, isSettled }
    }
  }

  finishedUpTo(offset: number): void {
    this.#state.finishedOffset = offset
  }

  cursorOf(exporter: string): number {
    return this.#state.cursors.get(exporter) ?? this.#firstCursor
  }

  moveCursor(exporter: string, offset: number): void {
    this.#state.cursors.set(exporter, offset)
  }

  async resetHistory(agentType: string, at: string): Promise<void> {
    this.#refuseWhenClosed()
    const { mode, layout, loaded } = this.#parts
    // A reset counts sessions: they must be as durable as itself.
    await this.#ledger.sync()
    this.history.reset(agentType, at)
    if (mode !== 'ephemeral') await loaded.resets.write(layout.resets)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Whether an event tells that suggestions were settled up to a line behind an offset. */
  async #isSettledAfter(offset: number): Promise<boolean> {
    const { lastAfter } = this.suggestions
    if (lastAfter === undefined) return false
    for await (const { records } of this.#ledger.batches(offset)) {
      if (records.some(({ line }) => isNamed(line, lastAfter))) return true
    }
    return false
  }

  #newOnes(assessments: readonly Assessment[]): Assessment[] {
    const seen = new Set<string>()
    return assessments.filter(({ line: { session_id, revision } }) => {
      const key = `${revision} ${session_id}`
      const isNew = !seen.has(key) && this.history.index.lineOf(session_id, revision) === undefined
      seen.add(key)
      return isNew
    })
  }

  // Without the lock another process may be writing there.
  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new Error(`The store of ${this.directory} is closed.`)
  }

  async #writeCheckpoint(): Promise<void> {
    this.#refuseWhenClosed()
    const { mode, layout } = this.#parts
    if (mode !== 'write') return this.#ledger.sync()
    for (const save of this.#beforeCheckpoint) save()
    for (const { states } of this.#sets.values()) states.save()
    const { log } = this.#state
    const { segments, retired } = log.cut()
    const text = formatCheckpoint(checkpointOf(this.#state, [...segments], this.#ledger.length))
    // Sessions that the checkpoint has as closed must be in the ledger first.
    await this.#ledger.sync()
    await log.sync()
    await writeFileAtomic(layout.checkpoint, text)
    log.drop(retired)
  }

  async #close(): Promise<void> {
    const { mode, lock } = this.#parts
    try {
      await this.checkpoint()
      if (mode !== 'ephemeral') await this.#snapshots.finish()
    } finally {
      this.#isClosed = true
      this.#state.log.close()
      this.#ledger.close()
      this.suggestions.close()
      this.acks.close()
      this.injections.close()
      lock?.release()
    }
  }
}

function countersOf(state: State): OpenStore['counters'] {
  return {
    get: () => state.counters,
    set: (counters: Json) => {
      state.counters = counters
    },
  }
}

function isSetOf<S>(set: StateSet<unknown>, codec: StateCodec<S>): set is StateSet<S> {
  return set.codec === codec
}

function isNamed({ session_id, revision }: LedgerLine, name: LedgerLineName | undefined): boolean {
  return name !== undefined && session_id === name.session_id && revision === name.revision
}

function inOne(parts: readonly Buffer[]): Buffer {
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts)
}

function bytesOf({ line, live }: Assessment): Buffer {
  const of = `revision ${line.revision} of session ${line.session_id}`
  if (live) throw new Error(`A live assessment cannot be committed: ${of}.`)
  if (!isLedgerLine(line)) throw new InvalidDataError(`Expected a ledger line whose KPIs are finite numbers: ${of}.`)
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  if (bytes.length > MAX_LINE_BYTES) {
    throw new InvalidDataError(`A ledger line may have ${MAX_LINE_BYTES} bytes, found ${bytes.length}: ${of}.`)
  }
  return bytes
}
