import type { Context } from '../component.ts'

const INTERVAL_MS = 10_000

/** Warnings about one thing, at most one in 10 s; each says how many were left out before it. */
export class PacedLog {
  readonly #context: Context
  #lastMs = Number.NEGATIVE_INFINITY
  #leftOut = 0

  constructor(context: Context) {
    this.#context = context
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    const nowMs = this.#context.now()
    if (nowMs - this.#lastMs < INTERVAL_MS) {
      this.#leftOut++
      return
    }
    this.#context.log.warn(this.#leftOut === 0 ? fields : { ...fields, alike_before: this.#leftOut }, message)
    this.#lastMs = nowMs
    this.#leftOut = 0
  }
}
