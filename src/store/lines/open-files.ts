import type { PlainSource } from './plain-source.ts'

/** Never more files open than this; the one read longest ago is closed, and opened again when it grows. */
const MAX_OPEN = 64

/** The open files of one reader, by identity. */
export class OpenFiles {
  readonly #sources = new Map<string, PlainSource>()

  get(identity: string): PlainSource | undefined {
    const source = this.#sources.get(identity)
    if (source !== undefined) {
      // A map keeps the order of insertion: the first one is the one used longest ago.
      this.#sources.delete(identity)
      this.#sources.set(identity, source)
    }
    return source
  }

  has(identity: string): boolean {
    return this.#sources.has(identity)
  }

  get size(): number {
    return this.#sources.size
  }

  add(identity: string, source: PlainSource): void {
    this.close(identity)
    for (const [oldest] of this.#sources) {
      if (this.#sources.size < MAX_OPEN) break
      this.close(oldest)
    }
    this.#sources.set(identity, source)
  }

  close(identity: string): void {
    this.#sources.get(identity)?.close()
    this.#sources.delete(identity)
  }

  closeAll(): void {
    for (const identity of [...this.#sources.keys()]) this.close(identity)
  }
}
