import type { InjectionLine } from '#src/model/injection.ts'
import { Ledger } from './ledger.ts'
import type { Injections } from './store.ts'

/**
 * `history/injections.jsonl`: what agents were told, and what it cost. Nothing is decided by it, so that it is neither looked at
 * before the first line nor waited for until it is durable.
 */
export class InjectionLog implements Injections {
  readonly #path: string
  readonly #readOnly: boolean
  #file: Ledger | undefined

  constructor({ path, readOnly }: { readonly path: string; readonly readOnly: boolean }) {
    this.#path = path
    this.#readOnly = readOnly
  }

  /** @throws {EnvironmentError} when it cannot be written */
  append(line: InjectionLine): void {
    if (this.#readOnly) return
    // What a crash left unfinished is cut off then.
    this.#file ??= Ledger.openForWriting(this.#path)
    this.#file.append(Buffer.from(`${JSON.stringify(line)}\n`))
  }

  close(): void {
    this.#file?.close()
  }
}
