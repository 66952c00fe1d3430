import type { Items } from '#src/component.ts'

/** Adds up what became of a batch's items, so that it is reported once. */
export class Tally {
  readonly #received: number
  readonly #ignored = new Map<string, number>()
  readonly #dropped = new Map<string, number>()
  readonly #unknownNames: string[] = []
  #used = 0
  #duplicates = 0
  #unattributed = 0

  constructor(received: number) {
    this.#received = received
  }

  used(): void {
    this.#used++
  }

  duplicate(): void {
    this.#duplicates++
  }

  unattributed(): void {
    this.#unattributed++
  }

  ignored(reason: string): void {
    this.#ignored.set(reason, (this.#ignored.get(reason) ?? 0) + 1)
  }

  dropped(reason: string): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1)
  }

  unknown(name: string, reason: 'unknown_source' | 'unknown_name'): void {
    this.#unknownNames.push(name)
    this.ignored(reason)
  }

  /** @param held how many items wait for a decision now */
  report(items: Items, held: number): void {
    items.received(this.#received)
    if (this.#used > 0) items.settled('used', this.#used)
    if (this.#duplicates > 0) items.settled('duplicate', this.#duplicates)
    if (this.#unattributed > 0) items.settled('unattributed', this.#unattributed)
    for (const [reason, count] of this.#ignored) items.settled('ignored', count, reason)
    for (const [reason, count] of this.#dropped) items.settled('dropped', count, reason)
    for (const name of this.#unknownNames) items.unknownName(name)
    items.holding(held)
  }
}
