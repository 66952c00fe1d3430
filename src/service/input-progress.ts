import type { Progress } from '../component.ts'

/** How much input there is and how much of it was read, over all receivers. */
export interface InputRead {
  readonly doneBytes: number
  readonly knownBytes: number
  readonly files: number
}

/** How far the receivers of one service have come. */
export class InputProgress {
  readonly #scannedMs = new Map<string, number>()
  readonly #read = new Map<string, InputRead>()
  readonly #listeners = new Set<() => void>()

  of(component: string): Progress {
    return {
      scanned: (scanStartedAtMs) => {
        this.#scannedMs.set(component, scanStartedAtMs)
        for (const listener of this.#listeners) listener()
      },
      scannedUntilMs: () => this.#scannedUntilMs(),
      onScanned: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
      read: (doneBytes, knownBytes, files) => this.#read.set(component, { doneBytes, knownBytes, files }),
    }
  }

  total(): InputRead {
    const all = [...this.#read.values()]
    return {
      doneBytes: all.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
      knownBytes: all.reduce((sum, { knownBytes }) => sum + knownBytes, 0),
      files: all.reduce((sum, { files }) => sum + files, 0),
    }
  }

  #scannedUntilMs(): number {
    let untilMs = Infinity
    for (const scannedMs of this.#scannedMs.values()) untilMs = Math.min(untilMs, scannedMs)
    return untilMs
  }
}
