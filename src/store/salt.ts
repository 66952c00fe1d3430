import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFileAtomic } from './atomic-file.ts'
import { errorCode, fileError } from './file-error.ts'

const SALT_BYTES = 16

/** The secret that decides which sessions get a suggestion; made once for each storage directory. */
export async function readOrMakeSalt(path: string): Promise<string> {
  const known = readSalt(path)
  if (known !== undefined) return known
  const salt = newSalt()
  await writeFileAtomic(path, `${salt}\n`)
  return salt
}

export function newSalt(): string {
  return randomBytes(SALT_BYTES).toString('hex')
}

function readSalt(path: string): string | undefined {
  try {
    const salt = readFileSync(path, 'utf8').trim()
    return salt === '' ? undefined : salt
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fileError('Cannot read', path, error)
  }
}
