import type { Consumer } from '../component.ts'
import type { Feed, LedgerEntry } from './feed.ts'

/** Hands committed assessments on at once, without a cursor: for one-shot commands that keep nothing. */
export class DirectFeed implements Feed {
  readonly givenUp = undefined
  readonly readsHistory: boolean
  readonly #consumer: Consumer<'assessment'>
  #delivered: Promise<void> = Promise.resolve()

  constructor(consumer: Consumer<'assessment'>) {
    this.readsHistory = consumer.readsHistory === true
    this.#consumer = consumer
  }

  start(): void {}

  offer(entries: readonly LedgerEntry[]): void {
    this.#delivered = this.#delivered.then(() => this.#consumer.consume(entries.map(({ assessment }) => assessment)))
    // Whoever drains gets the failure; until then it must not end the process.
    this.#delivered.catch(() => {})
  }

  room(): Promise<void> {
    return this.#delivered.catch(() => {})
  }

  drained(): Promise<void> {
    return this.#delivered
  }

  stop(): void {}
}
