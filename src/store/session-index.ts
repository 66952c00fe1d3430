import { metaOf, packPhase } from './session-record.ts'
import type { SessionMeta } from './store.ts'

/** Where a session's last record lies. */
export interface RecordPlace {
  readonly segment: number
  readonly offset: number
  readonly bytes: number
}

const NOWHERE = 0
const NOT_CLOSED = 0

/**
 * All sessions of one set: where the last record of each lies and what its meta data are. A session costs its id, a map entry
 * and 37 bytes.
 */
export class SessionIndex {
  readonly #slots = new Map<string, number>()
  readonly #free: number[] = []
  /** Numbers of segments start at 1. */
  #segments = new Uint32Array(16)
  #offsets = new Float64Array(16)
  #bytes = new Uint32Array(16)
  #phases = new Uint8Array(16)
  #startsMs = new Float64Array(16)
  #endsMs = new Float64Array(16)
  /** Since the record was put. Revisions start at 1. */
  #closedAs = new Uint32Array(16)

  get size(): number {
    return this.#slots.size
  }

  ids(): Iterable<string> {
    return this.#slots.keys()
  }

  has(id: string): boolean {
    return this.#slots.has(id)
  }

  /** Takes up a session that has no record yet. */
  add(id: string): void {
    if (!this.#slots.has(id)) this.#takeSlot(id)
  }

  /** @returns where its record was, if it had one */
  delete(id: string): RecordPlace | undefined {
    const place = this.placeOf(id)
    const slot = this.#slots.get(id)
    if (slot === undefined) return undefined
    this.#slots.delete(id)
    this.#segments[slot] = NOWHERE
    this.#free.push(slot)
    return place
  }

  placeOf(id: string): RecordPlace | undefined {
    const slot = this.#slots.get(id)
    const segment = slot === undefined ? NOWHERE : (this.#segments[slot] ?? NOWHERE)
    if (slot === undefined || segment === NOWHERE) return undefined
    return { segment, offset: this.#offsets[slot] ?? 0, bytes: this.#bytes[slot] ?? 0 }
  }

  /** What was said of the session last. */
  metaOf(id: string): SessionMeta | undefined {
    const slot = this.#slots.get(id)
    if (slot === undefined) return undefined
    return metaOf(this.#phases[slot] ?? 0, this.#startsMs[slot] ?? 0, this.#endsMs[slot] ?? 0)
  }

  /** As which revision the session was closed since its record was put. */
  closedAsOf(id: string): number | undefined {
    const slot = this.#slots.get(id)
    return slot === undefined ? undefined : this.#closedAs[slot] || undefined
  }

  place(id: string, { segment, offset, bytes }: RecordPlace): void {
    const slot = this.#slots.get(id) ?? this.#takeSlot(id)
    this.#segments[slot] = segment
    this.#offsets[slot] = offset
    this.#bytes[slot] = bytes
  }

  /** @param closedAs the revision, when this is all that changed since the session's record was put */
  setMeta(id: string, meta: SessionMeta, closedAs = NOT_CLOSED): void {
    const slot = this.#slots.get(id) ?? this.#takeSlot(id)
    this.#phases[slot] = packPhase(meta)
    this.#startsMs[slot] = meta.startMs
    this.#endsMs[slot] = meta.endMs
    this.#closedAs[slot] = closedAs
  }

  #takeSlot(id: string): number {
    const slot = this.#free.pop() ?? this.#slots.size
    if (slot >= this.#segments.length) this.#grow()
    this.#segments[slot] = NOWHERE
    this.#slots.set(id, slot)
    return slot
  }

  #grow(): void {
    const capacity = 2 * this.#segments.length
    this.#segments = copyInto(new Uint32Array(capacity), this.#segments)
    this.#offsets = copyInto(new Float64Array(capacity), this.#offsets)
    this.#bytes = copyInto(new Uint32Array(capacity), this.#bytes)
    this.#phases = copyInto(new Uint8Array(capacity), this.#phases)
    this.#startsMs = copyInto(new Float64Array(capacity), this.#startsMs)
    this.#endsMs = copyInto(new Float64Array(capacity), this.#endsMs)
    this.#closedAs = copyInto(new Uint32Array(capacity), this.#closedAs)
  }
}

function copyInto<A extends { set(from: ArrayLike<number>): void }>(to: A, from: ArrayLike<number>): A {
  to.set(from)
  return to
}
