import { EnvironmentError } from '#src/errors.ts'

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space.',
  EDQUOT: 'The disk quota is used up: free some space.',
  EFBIG: 'The file may not grow further: raise the limit on file sizes.',
  EACCES: 'Give this user the right to read and write there, or choose another directory.',
  EPERM: 'Give this user the right to read and write there, or choose another directory.',
  EROFS: 'The file system is read-only: choose another directory.',
  EIO: 'The disk reports an error: check it.',
  ENOTDIR: 'A part of the path is a file: choose another directory.',
  EEXIST: 'A part of the path is a file: choose another directory.',
}

/** The code of a system error, such as `ENOENT`; empty for any other value. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/**
 * Says what could not be done with which file, and what to do about it.
 *
 * @param doing as in `cannot write`
 */
export function fileError(doing: string, path: string, error: unknown): EnvironmentError {
  if (error instanceof EnvironmentError) return error
  const code = errorCode(error)
  const found = code === '' ? String(error) : code
  const advice = ADVICE[code]
  return new EnvironmentError(`${doing} ${path}: ${found}.${advice === undefined ? '' : ` ${advice}`}`, {
    cause: error,
  })
}

/** Says which folder could not be made. On a read-only file system a recursive `mkdir` tells only that nothing is there. */
export function folderError(path: string, error: unknown): EnvironmentError {
  if (errorCode(error) !== 'ENOENT') return fileError('Cannot make the folder', path, error)
  return new EnvironmentError(
    `Cannot make the folder ${path}: the file system is read-only, or a part of the path is gone. Choose another directory.`,
    { cause: error },
  )
}
