import type { LedgerLine } from '#src/model/assessment.ts'
import type { KeyLog } from '#src/store/key-log.ts'
import type { History } from '#src/store/store.ts'
import type { SessionRevision } from './session-metrics.ts'

/** Which revisions of which sessions were exported: their keys, and what the ledger says of them. */
export class ExportLedger {
  readonly #keys: KeyLog
  readonly #history: Pick<History, 'revisionOf' | 'lineOf'>

  constructor(keys: KeyLog, history: Pick<History, 'revisionOf' | 'lineOf'>) {
    this.#keys = keys
    this.#history = history
  }

  /** The revisions that were not exported yet; those before them in the same batch count as exported. */
  fresh(lines: readonly LedgerLine[]): readonly SessionRevision[] {
    const before = new Set<string>()
    return lines.flatMap((line) => {
      const key = keyOf(line.session_id, line.revision)
      if (this.#keys.has(key) || before.has(key)) return []
      const counted = this.#exportedOf(line, before)
      before.add(key)
      return [{ line, counted }]
    })
  }

  /** When it resolves the revisions are noted as exported, also after a power failure. */
  async add(revisions: readonly SessionRevision[]): Promise<void> {
    await this.#keys.add(revisions.map(({ line }) => keyOf(line.session_id, line.revision)))
  }

  async close(): Promise<void> {
    await this.#keys.close()
  }

  /** The other revisions of a line's session that were exported, later ones too: a rebuild sends what was left out. */
  #exportedOf({ session_id, revision }: LedgerLine, before: ReadonlySet<string>): readonly LedgerLine[] {
    const exported: LedgerLine[] = []
    for (let other = this.#history.revisionOf(session_id); other >= 1; other -= 1) {
      const key = keyOf(session_id, other)
      if (other === revision || !(this.#keys.has(key) || before.has(key))) continue
      const line = this.#history.lineOf(session_id, other)
      if (line !== undefined) exported.push(line)
    }
    return exported
  }
}

function keyOf(sessionId: string, revision: number): string {
  return `${revision} ${sessionId}`
}
