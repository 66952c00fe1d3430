import { closeSync, openSync, readSync } from 'node:fs'

/** The first bytes of a file as text; `undefined` when it cannot be read. */
export function startOfFile(path: string, maxBytes: number): string | undefined {
  return startOfBytes(path, maxBytes)?.toString('utf8')
}

/** The first bytes of a file; `undefined` when it cannot be read. */
export function startOfBytes(path: string, maxBytes: number): Buffer | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const bytes = Buffer.alloc(maxBytes)
    return bytes.subarray(0, readSync(descriptor, bytes, 0, maxBytes, 0))
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
