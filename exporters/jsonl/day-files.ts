import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LedgerLine } from '#src/model/assessment.ts'
import { errorCode, fileError } from '#src/store/file-error.ts'

const DAY_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl$/
const NEWLINE = 10
const CHUNK_BYTES = 16_384

/** Days whose keys are remembered at once; lines arrive more or less in order of time. */
const MAX_REMEMBERED_DAYS = 8

/** A folder of files `YYYY-MM-DD.jsonl` (UTC day of the session's start), to which one process appends. */
export class DayFiles {
  readonly #directory: string
  readonly #keys = new Map<string, Set<string>>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * Cuts last lines that a crash left unfinished.
   *
   * @returns the names of the files that were cut
   */
  async repair(): Promise<readonly string[]> {
    const cut: string[] = []
    for (const name of await this.#names()) {
      const path = join(this.#directory, name)
      try {
        if (await cutTornLine(path)) cut.push(name)
      } catch (error) {
        throw fileError('Cannot repair', path, error)
      }
    }
    return cut
  }

  /** Removes all day files. */
  async clear(): Promise<void> {
    for (const name of await this.#names()) await rm(join(this.#directory, name))
    this.forget()
  }

  /** Appends lines of one day; when that fails the file is as before. */
  async append(day: string, lines: readonly LedgerLine[]): Promise<void> {
    const path = this.#pathOf(day)
    try {
      await mkdir(this.#directory, { recursive: true })
      await appendOrUndo(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    } catch (error) {
      throw fileError('Cannot write', path, error)
    }
    const keys = this.#keys.get(day)
    for (const line of lines) keys?.add(keyOf(line.session_id, line.revision))
  }

  /** Whether the file of the line's day has this revision of its session already. */
  async has(line: LedgerLine): Promise<boolean> {
    const day = dayOf(line)
    let keys = this.#keys.get(day)
    if (keys === undefined) {
      keys = await this.#readKeys(day)
      const [oldest] = this.#keys.keys()
      if (oldest !== undefined && this.#keys.size >= MAX_REMEMBERED_DAYS) this.#keys.delete(oldest)
      this.#keys.set(day, keys)
    }
    return keys.has(keyOf(line.session_id, line.revision))
  }

  /** Frees what {@link has} remembers. */
  forget(): void {
    this.#keys.clear()
  }

  async #names(): Promise<readonly string[]> {
    const names = await readdir(this.#directory).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return []
      throw fileError('Cannot read', this.#directory, error)
    })
    return names.filter((name) => DAY_FILE.test(name))
  }

  #pathOf(day: string): string {
    return join(this.#directory, `${day}.jsonl`)
  }

  async #readKeys(day: string): Promise<Set<string>> {
    const keys = new Set<string>()
    const path = this.#pathOf(day)
    try {
      await using file = await open(path)
      for await (const text of file.readLines()) {
        const key = keyOfText(text)
        if (key !== undefined) keys.add(key)
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw fileError('Cannot read', path, error)
    }
    return keys
  }
}

/** The UTC day of a session's start. */
export function dayOf(line: LedgerLine): string {
  return line.started_at.slice(0, 10)
}

function keyOf(sessionId: string, revision: number): string {
  return `${revision} ${sessionId}`
}

function keyOfText(text: string): string | undefined {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line !== 'object' || line === null || !('session_id' in line) || !('revision' in line)) return undefined
    const { session_id: id, revision } = line
    return typeof id === 'string' && typeof revision === 'number' ? keyOf(id, revision) : undefined
  } catch {
    return undefined
  }
}

async function appendOrUndo(path: string, text: string): Promise<void> {
  await using file = await open(path, 'a+')
  // A failing disk may have kept an earlier append from being undone.
  const { size } = await file.stat()
  const end = await endOfLastLine(file, size)
  if (end !== size) await file.truncate(end)
  try {
    await file.appendFile(text)
  } catch (error) {
    await file.truncate(end)
    throw error
  }
}

async function cutTornLine(path: string): Promise<boolean> {
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  const end = await endOfLastLine(file, size)
  if (end === size) return false
  await file.truncate(end)
  return true
}

/** Where the last finished line ends, in bytes. */
async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(size, CHUNK_BYTES))
  for (let end = size; end > 0; end -= CHUNK_BYTES) {
    const start = Math.max(0, end - CHUNK_BYTES)
    const { bytesRead } = await file.read(chunk, 0, end - start, start)
    const newline = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    if (newline >= 0) return start + newline + 1
  }
  return 0
}
