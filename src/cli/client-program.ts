import { accessSync, closeSync, constants, openSync, readSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const CHUNK_BYTES = 4 * 1024 * 1024

/** @param path as the environment has it @returns where the program itself is, behind all links */
export function findProgram(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter).filter((one) => one !== '')) {
    const candidate = join(folder, name)
    try {
      accessSync(candidate, constants.X_OK)
      return realpathSync(candidate)
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

/** Which of the words a file has. They stand alone: `Stop` in `StopFailure` is none. None of a file that cannot be read. */
export function wordsIn(path: string, words: readonly string[]): ReadonlySet<string> {
  const longest = Math.max(...words.map(({ length }) => length)) + 2
  const found = new Set<string>()
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const buffer = Buffer.alloc(CHUNK_BYTES)
    let rest = ''
    for (let size = read(descriptor, buffer); size > 0 && found.size < words.length; size = read(descriptor, buffer)) {
      const text = rest + buffer.latin1Slice(0, size)
      for (const word of words) if (!found.has(word) && new RegExp(`\\b${word}\\b`).test(text)) found.add(word)
      rest = text.slice(-longest)
    }
  } catch {
    return new Set()
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
  return found
}

function read(descriptor: number, buffer: Buffer): number {
  return readSync(descriptor, buffer, 0, buffer.length, null)
}
