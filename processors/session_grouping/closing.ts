import * as z from 'zod'
import type { SessionTrigger } from '#src/model/session.ts'

/** A session that has ended. */
export interface Ending {
  readonly id: string
  /** Time of its last activity. Epoch milliseconds. */
  readonly endMs: number
  readonly trigger: SessionTrigger
  /** An earlier process was about to hand it on, and may have. */
  readonly restored?: boolean
}

const savedSchema = z.array(
  z.tuple([z.string(), z.number(), z.enum(['end_signal', 'idle', 'limit', 'end_of_input', 'live'])]),
)

/**
 * Sessions that have ended and are not handed on yet. They are saved before the first of them is: a crash in between
 * leaves them behind, and the same sessions are handed on in the same order.
 */
export class ClosingSessions {
  readonly #endings = new Map<string, Ending>()

  get size(): number {
    return this.#endings.size
  }

  has(id: string): boolean {
    return this.#endings.has(id)
  }

  add(ending: Ending): void {
    this.#endings.set(ending.id, ending)
  }

  delete(id: string): void {
    this.#endings.delete(id)
  }

  /** In the order of their ends. */
  inOrder(): readonly Ending[] {
    return [...this.#endings.values()].toSorted(byEnd)
  }

  encode(): string {
    return JSON.stringify([...this.#endings.values()].map(({ id, endMs, trigger }) => [id, endMs, trigger]))
  }

  /** Adds what {@link encode} gave. @throws when it is something else */
  load(text: string): void {
    for (const [id, endMs, trigger] of savedSchema.parse(JSON.parse(text))) {
      this.add({ id, endMs, trigger, restored: true })
    }
  }
}

/** By time; ties by id. */
export function byEnd(a: Pick<Ending, 'id' | 'endMs'>, b: Pick<Ending, 'id' | 'endMs'>): number {
  return a.endMs - b.endMs || (a.id < b.id ? -1 : 1)
}
