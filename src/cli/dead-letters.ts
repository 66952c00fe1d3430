import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidDataError } from '#src/errors.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { errorCode } from '#src/store/file-error.ts'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'

/** A request that was refused for good. It is on disk alone until somebody reads it. */
export interface DeadLetter {
  /** The name of its folder. */
  readonly exporter: string
  /** That of no other letter of the exporter. */
  readonly id: string
  readonly folder: RequestFolder
}

/** What reading one gives; nothing when it is gone meanwhile. */
export type LetterRead<T> =
  | { readonly kind: 'read'; readonly content: T }
  | { readonly kind: 'unreadable'; readonly problem: string }
  | { readonly kind: 'gone' }

/** All below a storage directory, by exporter, oldest first. */
export async function deadLettersIn(directory: string): Promise<readonly DeadLetter[]> {
  const { deadLetters } = layoutOf(directory)
  const found: DeadLetter[] = []
  for (const exporter of foldersIn(deadLetters)) {
    const folder = await RequestFolder.open(join(deadLetters, exporter), Number.POSITIVE_INFINITY)
    for (const id of folder.ids()) found.push({ exporter, id, folder })
  }
  return found
}

/** @param address an id, after its exporter and a slash where several exporters have the same */
export function lettersAt(letters: readonly DeadLetter[], address: string): readonly DeadLetter[] {
  const slash = address.lastIndexOf('/')
  const wanted = address.slice(slash + 1)
  const exporter = address.slice(0, Math.max(0, slash))
  return letters.filter(
    (letter) =>
      letter.id === wanted && (slash < 0 || letter.exporter === exporter || letter.exporter === safeFileName(exporter)),
  )
}

export function addressOf({ exporter, id }: DeadLetter): string {
  return `${exporter}/${id}`
}

/** One that is damaged hinders no other. */
export async function readLetter<T>(reading: () => Promise<T>): Promise<LetterRead<T>> {
  try {
    return { kind: 'read', content: await reading() }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = errorCode(error) || errorCode(error.cause)
    if (code === 'ENOENT') return { kind: 'gone' }
    if (code !== '' || error instanceof InvalidDataError) return { kind: 'unreadable', problem: error.message }
    throw error
  }
}

function foldersIn(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).toSorted()
  } catch {
    // Nothing was ever refused.
    return []
  }
}
