import { hashKey } from './key-hash.ts'
import { NumberColumn } from './number-column.ts'

const NONE = -1
const MIN_CAPACITY = 1024
const MAX_LOAD = 0.75

/** The columns of an index as bytes, for the snapshot. */
export interface IndexBytes {
  readonly agentTypes: readonly string[]
  readonly columns: readonly Uint8Array[]
}

/**
 * Where the ledger's lines are: for each session its place and its revisions, for each line its offset and agent type. About
 * 40 bytes per session, so that a million sessions fit in memory; sessions are known by the 53-bit hash of their id.
 */
export class LineIndex {
  // One element per line, in the ledger's order.
  readonly #offsets = NumberColumn.ofDoubles()
  readonly #revisions = NumberColumn.ofUint32()
  readonly #lineAgents = NumberColumn.ofUint32()
  /** The same session's line before, or NONE. */
  readonly #previous = NumberColumn.ofInt32()
  // One element per session, by place.
  readonly #keys = NumberColumn.ofDoubles()
  readonly #lastLines = NumberColumn.ofInt32()
  readonly #agentTypes: string[] = []
  readonly #agentNumbers = new Map<string, number>()
  /** Open addressing: place + 1 of the session whose key belongs to the slot, 0 for none. */
  #slots = new Uint32Array(MIN_CAPACITY)

  static fromBytes({ agentTypes, columns }: IndexBytes): LineIndex {
    const index = new LineIndex()
    for (const agentType of agentTypes) index.#agentNumber(agentType)
    index.#columns().forEach((column, position) => {
      column.appendBytes(columns[position] ?? new Uint8Array())
    })
    index.#fillSlots()
    return index
  }

  get lineCount(): number {
    return this.#offsets.length
  }

  get sessionCount(): number {
    return this.#keys.length
  }

  /**
   * Takes in the ledger's next line.
   *
   * @returns the session's place, and its line before this one
   */
  append(sessionId: string, revision: number, agentType: string, offset: number) {
    const key = hashKey(sessionId)
    const slot = this.#slotOf(key)
    const known = (this.#slots[slot] ?? 0) - 1
    const previousLine = known === NONE ? undefined : this.#lastLines.at(known)
    const line = this.lineCount
    this.#offsets.push(offset)
    this.#revisions.push(revision)
    this.#lineAgents.push(this.#agentNumber(agentType))
    this.#previous.push(previousLine ?? NONE)
    if (known === NONE) this.#addSession(key, slot, line)
    else this.#lastLines.set(known, line)
    return { place: known === NONE ? this.sessionCount - 1 : known, previousLine }
  }

  placeOf(sessionId: string): number | undefined {
    const place = (this.#slots[this.#slotOf(hashKey(sessionId))] ?? 0) - 1
    return place === NONE ? undefined : place
  }

  /** The line of a session's last revision. */
  lastLineOf(place: number): number {
    return this.#lastLines.at(place)
  }

  offsetOf(line: number): number {
    return this.#offsets.at(line)
  }

  revisionOf(line: number): number {
    return this.#revisions.at(line)
  }

  agentTypeOf(line: number): string {
    return this.#agentTypes[this.#lineAgents.at(line)] ?? ''
  }

  /** The line of this revision of a session; `undefined` when the ledger does not have it. */
  lineOf(sessionId: string, revision: number): number | undefined {
    const place = this.placeOf(sessionId)
    if (place === undefined) return undefined
    for (let line = this.lastLineOf(place); line !== NONE; line = this.#previous.at(line)) {
      if (this.#revisions.at(line) === revision) return line
    }
    return undefined
  }

  /** How many sessions of an agent type have a place from `from` up to, not including, `to`. */
  countBetween(agentType: string, from: number, to: number): number {
    const agent = this.#agentNumbers.get(agentType)
    let count = 0
    for (let place = from; place < to; place += 1) {
      if (this.#lineAgents.at(this.#lastLines.at(place)) === agent) count += 1
    }
    return count
  }

  /** The last places of an agent type's sessions from `from` up to, not including, `to`, oldest first, at most `limit`. */
  placesBetween(agentType: string, from: number, to: number, limit: number): number[] {
    const agent = this.#agentNumbers.get(agentType)
    const places: number[] = []
    if (agent === undefined) return places
    for (let place = to - 1; place >= from && places.length < limit; place -= 1) {
      if (this.#lineAgents.at(this.#lastLines.at(place)) === agent) places.push(place)
    }
    return places.reverse()
  }

  /** How many sessions each agent type has. */
  sessionCounts(): Map<string, number> {
    const counts = new Map<string, number>()
    for (let place = 0; place < this.sessionCount; place += 1) {
      const agentType = this.agentTypeOf(this.#lastLines.at(place))
      counts.set(agentType, (counts.get(agentType) ?? 0) + 1)
    }
    return counts
  }

  /** How many lines start before an offset. */
  linesBefore(offset: number): number {
    let low = 0
    for (let high = this.lineCount; low < high; ) {
      const middle = (low + high) >>> 1
      if (this.#offsets.at(middle) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * The index as it was when the ledger had so many lines.
   *
   * @param onChanged told of each session that has later lines: its last line now, and its last one then, if any
   */
  rewound(lineCount: number, onChanged: (lineNow: number, lineThen: number | undefined) => void): LineIndex {
    const then = new LineIndex()
    for (const agentType of this.#agentTypes) then.#agentNumber(agentType)
    for (let line = 0; line < lineCount; line += 1) {
      then.#offsets.push(this.#offsets.at(line))
      then.#revisions.push(this.#revisions.at(line))
      then.#lineAgents.push(this.#lineAgents.at(line))
      then.#previous.push(this.#previous.at(line))
    }
    for (let place = 0; place < this.sessionCount; place += 1) {
      const lineNow = this.#lastLines.at(place)
      let lineThen = lineNow
      while (lineThen >= lineCount) lineThen = this.#previous.at(lineThen)
      if (lineThen !== lineNow) onChanged(lineNow, lineThen === NONE ? undefined : lineThen)
      if (lineThen === NONE) continue
      then.#keys.push(this.#keys.at(place))
      then.#lastLines.push(lineThen)
    }
    then.#fillSlots()
    return then
  }

  toBytes(): IndexBytes {
    return { agentTypes: [...this.#agentTypes], columns: this.#columns().map((column) => column.toBytes()) }
  }

  #columns(): NumberColumn[] {
    return [this.#offsets, this.#revisions, this.#lineAgents, this.#previous, this.#keys, this.#lastLines]
  }

  #agentNumber(agentType: string): number {
    const known = this.#agentNumbers.get(agentType)
    if (known !== undefined) return known
    this.#agentNumbers.set(agentType, this.#agentTypes.length)
    return this.#agentTypes.push(agentType) - 1
  }

  /** The slot of the session with this key, or the empty one where it belongs. */
  #slotOf(key: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = (key >>> 0) & mask
    for (let found = slots[slot] ?? 0; found !== 0 && this.#keys.at(found - 1) !== key; found = slots[slot] ?? 0) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  #addSession(key: number, slot: number, line: number): void {
    this.#keys.push(key)
    this.#lastLines.push(line)
    this.#slots[slot] = this.sessionCount
    if (this.sessionCount > this.#slots.length * MAX_LOAD) this.#fillSlots()
  }

  #fillSlots(): void {
    let capacity = MIN_CAPACITY
    while (capacity * MAX_LOAD <= this.sessionCount) capacity *= 2
    this.#slots = new Uint32Array(capacity)
    for (let place = 0; place < this.sessionCount; place += 1) {
      this.#slots[this.#slotOf(this.#keys.at(place))] = place + 1
    }
  }
}
