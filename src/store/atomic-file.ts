import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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

let tempFiles = 0

/**
 * Replaces a file as a whole: after a crash at any moment it has either its old content or the new one. Missing
 * folders are made.
 *
 * @returns whether the content changed; an identical file is left alone
 * @throws {EnvironmentError} when it cannot be written; the old content is still there then
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<boolean> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  try {
    if (await hasContent(path, bytes)) return false
    await replace(path, [bytes])
    return true
  } catch (error) {
    throw fileError('Cannot write', path, error)
  }
}

/** Replaces a file like {@link writeFileAtomic}, from pieces and without a look at what it holds. */
export async function replaceFileAtomic(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  try {
    await replace(path, pieces)
  } catch (error) {
    throw fileError('Cannot write', path, error)
  }
}

/** Makes renames and new files in a folder survive a power failure, where the platform can. */
export async function syncDirectory(directory: string): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(directory, 'r')
    await handle.sync()
  } catch (error) {
    // Windows cannot open folders, and some network file systems cannot sync them.
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EACCES'].includes(errorCode(error))) throw error
  } finally {
    await handle?.close()
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

async function hasContent(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const { size } = await stat(path)
    return size === bytes.length && (await readFile(path)).equals(bytes)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

async function replace(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const tempPath = tempPathIn(dirname(path))
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeDurably(tempPath, pieces)
    await rename(tempPath, path)
  } catch (error) {
    await rm(tempPath, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

async function writeDurably(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    for (const piece of pieces) await handle.writeFile(piece)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
