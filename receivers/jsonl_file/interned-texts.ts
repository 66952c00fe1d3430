import { isAt, type Literal, literalOf } from './literal.ts'

const SLOTS = 1024
const MAX_BYTES = 200

/** A text, and the bytes that it was made of. */
export interface InternedText {
  readonly text: string
  readonly literal: Literal
}

/**
 * Texts that come again and again, as session ids and tool names do: to find one costs less than to make it, and it is in
 * memory once. Texts whose bytes are alike have two slots in all: a new one takes the place of one of
 * them.
 */
export class InternedTexts {
  readonly #slots: (InternedText | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

  /**
   * @param bytes ASCII from `from` up to, not including, `to`
   * @param view of the same bytes
   */
  text(bytes: Buffer, view: DataView, from: number, to: number): string {
    const length = to - from
    if (length > MAX_BYTES) return bytes.latin1Slice(from, to)
    const slot = slotOf(bytes, from, to)
    const known = this.#slots[slot]
    if (known?.literal.length === length && isAt(view, from, known.literal)) return known.text
    const neighbour = slot ^ 1
    const before = this.#slots[neighbour]
    if (before?.literal.length === length && isAt(view, from, before.literal)) return before.text
    const made = { text: bytes.latin1Slice(from, to), literal: literalOf(bytes.subarray(from, to)) }
    if (known !== undefined) this.#slots[neighbour] = known
    this.#slots[slot] = made
    return made.text
  }
}

/** By the length and some of the bytes: enough to tell ids and names apart. */
function slotOf(bytes: Buffer, from: number, to: number): number {
  const length = to - from
  let hash = length
  for (let at = Math.max(from, to - 3); at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x9e3779b1)
  for (let at = Math.min(to, from + 3) - 1; at >= from; at--) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x9e3779b1)
  hash = Math.imul(hash ^ (bytes[from + (length >> 1)] ?? 0), 0x9e3779b1)
  return (hash >>> 16) % SLOTS
}
