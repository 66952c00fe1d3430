import { existsSync } from 'node:fs'
import type { InjectionLine } from '#src/model/injection.ts'
import { Ledger } from './ledger.ts'
import type { Injections } from './store.ts'

/**
 * `history/injections.jsonl`: what agents were told, and what it cost. Nothing is decided by it, so that it is neither read at
 * the start nor waited for until it is durable. The file is made with the first line.
 */
export class InjectionLog implements Injections {
  readonly #path: string
  readonly #readOnly: boolean
  #file: Ledger | undefined

  constructor({ path, readOnly }: { readonly path: string; readonly readOnly: boolean }) {
    this.#path = path
    this.#readOnly = readOnly
    // What a crash left unfinished is cut off.
    if (!readOnly && existsSync(path)) this.#file = Ledger.openForWriting(path)
  }

  append(line: InjectionLine): void {
    if (this.#readOnly) return
    this.#file ??= Ledger.openForWriting(this.#path)
    this.#file.append(Buffer.from(`${JSON.stringify(line)}\n`))
  }

  close(): void {
    this.#file?.close()
  }
}
