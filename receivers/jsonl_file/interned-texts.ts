const SLOTS = 2048
const MAX_BYTES = 200

/**
 * Texts that come again and again, as session ids and tool names do: to find one costs a third of making it, and it is in
 * memory once. A text takes the place of another one whose bytes are alike.
 */
export class InternedTexts {
  readonly #slots: string[] = Array.from({ length: SLOTS }, () => '')

  /** @param bytes ASCII from `from` up to, not including, `to` */
  text(bytes: Buffer, from: number, to: number): string {
    const length = to - from
    if (length > MAX_BYTES) return bytes.latin1Slice(from, to)
    const slot = slotOf(bytes, from, to)
    const known = this.#slots[slot] ?? ''
    if (known.length === length && isAt(bytes, from, known)) return known
    const made = bytes.latin1Slice(from, to)
    this.#slots[slot] = made
    return made
  }
}

/** By the length and some of the bytes: enough to tell ids and names apart. */
function slotOf(bytes: Buffer, from: number, to: number): number {
  let hash = to - from
  for (let at = Math.max(from, to - 6); at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x9e3779b1)
  for (let at = Math.min(to, from + 4) - 1; at >= from; at--) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x9e3779b1)
  return (hash >>> 16) % SLOTS
}

function isAt(bytes: Buffer, from: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[from + index] !== text.charCodeAt(index)) return false
  }
  return true
}
