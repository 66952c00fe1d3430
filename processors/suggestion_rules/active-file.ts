import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { writeFileAtomic } from '#src/store/atomic-file.ts'
import type { ActiveDocument, ArchiveDocument } from '#src/suggestion/active-document.ts'

/** Names that session files must not take. */
export const OWN_FILES = { active: 'active.json', archive: 'archive.json' } as const

const fileSchema = z.looseObject({ digest: z.unknown().optional(), suggestions: z.array(z.unknown()) })
const entrySchema = z.looseObject({ id: z.string(), activation_status: z.string() })

/** What a person wrote into `active.json`. */
export interface Edits {
  readonly statuses: readonly StatusEdit[]
  /** Places of entries without an id or a status, in words. */
  readonly malformed: readonly string[]
}

/** A status that a person wrote. */
export interface StatusEdit {
  readonly id: string
  readonly status: string
}

/** The files are left alone where they would be empty and nothing was ever there. */
export async function writeActiveFiles(
  directory: string,
  active: ActiveDocument,
  archive: ArchiveDocument,
): Promise<void> {
  if (active.last_updated === null) return
  const signed = { ...active, digest: digestOf(active) }
  await writeFileAtomic(join(directory, OWN_FILES.active), textOf(signed))
  if (archive.suggestions.length > 0) await writeFileAtomic(join(directory, OWN_FILES.archive), textOf(archive))
}

/**
 * What a person changed in `active.json`: the file carries the digest of what was written, so that it is known even after a
 * crash. Only statuses are read.
 *
 * @returns `undefined` where nothing was changed; `unreadable` for a file that does not parse, or has no list of suggestions
 */
export async function readEdits(directory: string): Promise<Edits | 'unreadable' | undefined> {
  const text = await readFile(join(directory, OWN_FILES.active), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const document = parseJson(text)
  const parsed = fileSchema.safeParse(document).data
  if (parsed === undefined) return 'unreadable'
  // Of the text's own order of keys, which parsing by a schema changes.
  const unsigned = Object.entries(Object(document)).filter(([key]) => key !== 'digest')
  if (parsed.digest === digestOf(Object.fromEntries(unsigned))) return undefined
  const entries = parsed.suggestions.map((entry) => entrySchema.safeParse(entry).data)
  return {
    statuses: entries.flatMap((entry) => (entry ? [{ id: entry.id, status: entry.activation_status }] : [])),
    malformed: entries.flatMap((entry, index) => (entry ? [] : [`suggestions[${index}]`])),
  }
}

function digestOf(document: object): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('hex').slice(0, 16)
}

function textOf(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
