import type { Context } from '../component.ts'

const INTERVAL_MS = 10_000

/** Warnings about requests: of each kind at most one in 10 s, which says how many were left out before it. */
export class PacedWarnings {
  readonly #context: Pick<Context, 'log' | 'now'>
  readonly #kinds = new Map<string, { lastMs: number; leftOut: number }>()

  constructor(context: Pick<Context, 'log' | 'now'>) {
    this.#context = context
  }

  /** @param kind a word of a small closed set */
  warn(kind: string, fields: Readonly<Record<string, unknown>>, message: string): void {
    const nowMs = this.#context.now()
    const last = this.#kinds.get(kind)
    if (last !== undefined && nowMs - last.lastMs < INTERVAL_MS) {
      last.leftOut++
      return
    }
    const leftOut = last?.leftOut ?? 0
    this.#context.log.warn(leftOut === 0 ? fields : { ...fields, alike_before: leftOut }, message)
    this.#kinds.set(kind, { lastMs: nowMs, leftOut: 0 })
  }
}
