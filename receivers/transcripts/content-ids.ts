import { hashKey } from '#src/store/key-hash.ts'

/** Of one file so many different contents are told apart; what comes beyond has no id. */
const MAX_CONTENTS = 10_000

/**
 * Ids of a file's records that have none of their own: a hash of what was said, and how often the same came before in
 * its turn or thread. Copies have the time of copying, but the same place among their like.
 */
export class ContentIds {
  readonly #counts = new Map<string, number>()
  #halfRead: string | undefined

  /** @param within the turn or thread that the record is of; `undefined` where nothing tells */
  next(kind: string, within: string | undefined, content: string): string | undefined {
    if (within === undefined || within === this.#halfRead) return undefined
    const id = `content-${hashKey(content).toString(36)}`
    const place = `${kind}:${within}:${id}`
    const before = this.#counts.get(place)
    if (before === undefined && this.#counts.size >= MAX_CONTENTS) return undefined
    this.#counts.set(place, (before ?? 0) + 1)
    return `${id}:${before ?? 0}`
  }

  /** Reading began within this turn: how often the same came before in it is not known. */
  beginWithin(turnId: string): void {
    this.#halfRead = turnId
  }

  /** The file begins anew. */
  clear(): void {
    this.#counts.clear()
    this.#halfRead = undefined
  }
}
