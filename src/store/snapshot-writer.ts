import type { Ledger } from './ledger.ts'
import type { LedgerHistory } from './ledger-history.ts'
import { writeSnapshot } from './snapshot.ts'

/** A snapshot is made after so many lines, or after this share of all lines. */
const MIN_LINES = 2000
const LINES_SHARE = 1 / 20

/** Makes snapshots now and then, so that the next start reads few lines. */
export class SnapshotWriter {
  readonly #path: string
  readonly #history: LedgerHistory
  readonly #ledger: Ledger
  #linesSince: number
  #writing: Promise<void> | undefined

  /** @param linesSince lines that the last snapshot does not cover */
  constructor(path: string, history: LedgerHistory, ledger: Ledger, linesSince: number) {
    this.#path = path
    this.#history = history
    this.#ledger = ledger
    this.#linesSince = linesSince
  }

  /** Called when lines were committed; a snapshot that is due is written in the background. */
  committed(lines: number): void {
    this.#linesSince += lines
    if (this.#linesSince >= Math.max(MIN_LINES, this.#history.index.lineCount * LINES_SHARE)) void this.#begin()
  }

  /** Writes a last snapshot if anything happened since the one before. */
  async finish(): Promise<void> {
    await this.#writing
    if (this.#linesSince > 0) await this.#begin()
  }

  #begin(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #write(): Promise<void> {
    const lines = this.#linesSince
    this.#linesSince = 0
    try {
      await writeSnapshot(this.#path, this.#history, this.#ledger)
    } catch {
      // Without it the next start reads more of the ledger; nothing is lost.
      this.#linesSince += lines
    }
  }
}
