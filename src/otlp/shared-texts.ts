import { AttributeHeads } from './attribute-heads.ts'
import { KnownNames } from './known-names.ts'
import { TextTable } from './text-table.ts'

/** Texts that come again and again, kept over requests. Bounded, whatever is sent. */
export class SharedTexts {
  readonly keys = new TextTable(12)
  readonly values = new TextTable(14)
  readonly heads = new AttributeHeads()
  readonly #known = new Map<ReadonlySet<string>, KnownNames>()

  /** @param names one of a few lists that never change */
  known(names: ReadonlySet<string>): KnownNames {
    const before = this.#known.get(names)
    if (before !== undefined) return before
    const known = new KnownNames(names)
    this.#known.set(names, known)
    return known
  }
}
