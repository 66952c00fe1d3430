import { AttributeHeads } from './attribute-heads.ts'
import { KeyFilter } from './key-filter.ts'
import { TextTable } from './text-table.ts'

/** Texts that come again and again, kept over requests. Bounded, whatever is sent. */
export class SharedTexts {
  readonly keys = new TextTable(12)
  readonly values = new TextTable(14)
  readonly heads = new AttributeHeads()
  readonly filter = new KeyFilter(this.keys)
}
