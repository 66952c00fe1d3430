import type { LineConsumer, LineSink } from './line-consumer.ts'
import type { FilePosition, FilePositions } from './position.ts'

export interface RecordedLine {
  readonly path: string
  readonly text: string
  readonly byteOffset: number
}

/** Keeps what it is given; a line counts once it was delivered. */
export class RecordingConsumer implements LineConsumer {
  readonly delivered: RecordedLine[] = []
  readonly batches: number[] = []
  readonly tooLong: { readonly byteOffset: number; readonly bytes: number }[] = []
  readonly invalidUtf8: number[] = []
  readonly partial: string[] = []
  /** How many deliveries are still refused. */
  refusals = 0
  /** How many deliveries were tried. */
  attempts = 0
  /** Deliveries wait for it. */
  gate: Promise<void> | undefined
  #pending: RecordedLine[] = []

  get texts(): string[] {
    return this.delivered.map(({ text }) => text)
  }

  sinkFor(path: string): LineSink {
    return {
      line: (text, byteOffset) => {
        this.#pending.push({ path, text, byteOffset })
      },
      unterminated: (text, byteOffset) => {
        const whole = text.endsWith('}')
        if (whole) this.#pending.push({ path, text, byteOffset })
        else this.partial.push(text)
        return whole
      },
      tooLong: (byteOffset, bytes) => {
        this.tooLong.push({ byteOffset, bytes })
      },
      invalidUtf8: (byteOffset) => {
        this.invalidUtf8.push(byteOffset)
      },
    }
  }

  async deliver(): Promise<void> {
    this.attempts++
    await this.gate
    if (this.refusals > 0) {
      this.refusals--
      throw new Error('refused')
    }
    if (this.#pending.length > 0) this.batches.push(this.#pending.length)
    this.delivered.push(...this.#pending)
    this.#pending = []
  }
}

/** Positions in memory. */
export function positionsInMemory(): FilePositions & { readonly entries: Map<string, FilePosition> } {
  const entries = new Map<string, FilePosition>()
  return {
    entries,
    get: (identity) => entries.get(identity),
    set: (identity, position) => {
      entries.set(identity, position)
    },
    delete: (identity) => {
      entries.delete(identity)
    },
    identities: () => [...entries.keys()],
  }
}
