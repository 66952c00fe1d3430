import { existsSync, readFileSync } from 'node:fs'
import { fileError } from './file-error.ts'

/**
 * The lines of a small file; what follows the last line feed may be being written and is left out.
 *
 * @returns none when there is no file
 * @throws {EnvironmentError} when it cannot be read
 */
export function readWholeLines(path: string): readonly string[] {
  if (!existsSync(path)) return []
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1)
  } catch (error) {
    throw fileError('Cannot read', path, error)
  }
}
