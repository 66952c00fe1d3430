import { createHash } from 'node:crypto'
import { closeSync, fsync, mkdirSync, open, openSync, readFileSync, statSync, writeFile, writeFileSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { errorCode, fileError } from './file-error.ts'
import { isAlive } from './process-identity.ts'

/** Longest name that {@link safeFileName} gives, in bytes. */
export const MAX_FILE_NAME_BYTES = 120

const TEMP_FILE = /^\.agentperf-(\d+)-([0-9a-z]+)-\d+\.tmp$/
const START_TOKEN = Math.round(performance.timeOrigin).toString(36)
const HASH_DIGITS = 10
const PLAIN_NAME = /^[a-z0-9_][a-z0-9._-]*$/
// Windows refuses these as file names, whatever the extension.
const RESERVED_STEM = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9])(?:\.|$)/i

/** Up to this size a write into the system's cache takes less time than handing it to another thread. */
const SMALL_BYTES = 64 * 1024

/** The user's mask takes from it. */
const USUAL_MODE = 0o666

const openAsync = promisify(open)
const writeAsync = promisify(writeFile)
const syncAsync = promisify(fsync)

let tempFiles = 0

/**
 * Replaces a file as a whole: after a crash at any moment it has either its old content or the new one. Missing
 * folders are made.
 *
 * @param folder `unsynced`: a power failure may bring the old content back until the caller syncs the folder, once for many
 * files
 * @returns whether the content changed; an identical file is left alone
 * @throws {EnvironmentError} when it cannot be written; the old content is still there then
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  folder: 'synced' | 'unsynced' = 'synced',
): Promise<boolean> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  try {
    if (hasContent(path, bytes)) return false
    await replace(path, [bytes])
    if (folder === 'synced') await syncDirectory(dirname(path))
    return true
  } catch (error) {
    throw fileError('Cannot write', path, error)
  }
}

/** Replaces a file like {@link writeFileAtomic}, from pieces and without a look at what it holds. */
export async function replaceFileAtomic(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  try {
    await replace(path, pieces)
    await syncDirectory(dirname(path))
  } catch (error) {
    throw fileError('Cannot write', path, error)
  }
}

/** Makes renames and new files in a folder survive a power failure, where the platform can. */
export async function syncDirectory(directory: string): Promise<void> {
  let descriptor: number | undefined
  try {
    descriptor = openSync(directory, 'r')
    await syncAsync(descriptor)
  } catch (error) {
    // Windows cannot open folders, and some network file systems cannot sync them.
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EACCES'].includes(errorCode(error))) throw error
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/**
 * Removes the temporary files that crashed processes left in a folder; those of running ones stay.
 *
 * @returns how many were removed; 0 when there is no such folder
 */
export async function removeLeftovers(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => [])
  const leftovers = names.filter(isLeftover)
  await Promise.all(leftovers.map((name) => rm(join(directory, name), { force: true })))
  return leftovers.length
}

/**
 * A file name (without extension) for any text, such as an agent type or a session id: deterministic, and different
 * for different texts also where the file system ignores case. Lower-case names of letters, digits, `.`, `_` and `-`
 * stay as they are; all others are made so and end in `~` and a hash.
 *
 * @returns at most {@link MAX_FILE_NAME_BYTES} ASCII characters
 */
export function safeFileName(name: string): string {
  const plain = PLAIN_NAME.test(name) && !name.endsWith('.') && !RESERVED_STEM.test(name)
  if (plain && name.length <= MAX_FILE_NAME_BYTES) return name
  // Hashed as UTF-16, where lone surrogates differ; UTF-8 makes all of them U+FFFD.
  const hash = createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex').slice(0, HASH_DIGITS)
  const readable = name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[.-]+/, '_')
  const stem = readable === '' || RESERVED_STEM.test(readable) ? `_${readable}` : readable
  return `${stem.slice(0, MAX_FILE_NAME_BYTES - HASH_DIGITS - 1)}~${hash}`
}

/** A path for a temporary file in a folder, which {@link removeLeftovers} knows as such. */
export function tempPathIn(directory: string): string {
  tempFiles += 1
  return join(directory, `.agentperf-${process.pid}-${START_TOKEN}-${tempFiles}.tmp`)
}

function isLeftover(name: string): boolean {
  const [, pid, token] = TEMP_FILE.exec(name) ?? []
  if (pid === undefined) return false
  // In a container every run has the same process id: the start tells them apart.
  return Number(pid) === process.pid ? token !== START_TOKEN : !isAlive(Number(pid))
}

function hasContent(path: string, bytes: Uint8Array): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  return size === bytes.length && readFileSync(path).equals(bytes)
}

async function replace(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const tempPath = tempPathIn(dirname(path))
  try {
    await writeDurably(tempPath, pieces)
    await rename(tempPath, path)
  } catch (error) {
    await rm(tempPath, { force: true })
    throw error
  }
}

/**
 * Writes a new file that survives a power failure once its folder is synced, which is made where it is missing.
 *
 * @throws what the file system says; a part of the file may be there then
 */
export async function writeDurably(path: string, pieces: readonly Uint8Array[], mode = USUAL_MODE): Promise<void> {
  try {
    await writeNew(path, pieces, mode)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true })
    await writeNew(path, pieces, mode)
  }
}

// What waits for the disk or a journal is left to another thread. For the rest the way there and back costs more than the
// call: sessions have files of their own, and thousands end at once when a history is read.
async function writeNew(path: string, pieces: readonly Uint8Array[], mode: number): Promise<void> {
  const descriptor = await openAsync(path, 'wx', mode)
  try {
    for (const piece of pieces) {
      if (piece.length <= SMALL_BYTES) writeFileSync(descriptor, piece)
      else await writeAsync(descriptor, piece)
    }
    await syncAsync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
