import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode, fileError } from './file-error.ts'
import { hashKey } from './key-hash.ts'
import { KeySet } from './key-set.ts'

const BYTES_PER_KEY = 8

/** What was done once and must not be done again, in a file that only grows: 8 bytes for each key (see {@link hashKey}). */
export class KeyLog {
  readonly #path: string
  readonly #file: FileHandle
  readonly #keys: KeySet
  #bytes: number

  private constructor(path: string, file: FileHandle, keys: KeySet, bytes: number) {
    this.#path = path
    this.#file = file
    this.#keys = keys
    this.#bytes = bytes
  }

  /** Half a key at the end, which a crash left, is written over. */
  static async open(path: string): Promise<KeyLog> {
    try {
      await mkdir(dirname(path), { recursive: true })
      const known = await readOrEmpty(path)
      const whole = known.length - (known.length % BYTES_PER_KEY)
      const keys = KeySet.decode(known.toString('base64', 0, whole))
      return new KeyLog(path, await openForWriting(path), keys, whole)
    } catch (error) {
      throw fileError('Cannot open', path, error)
    }
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** When it resolves the keys survive a power failure. */
  async add(keys: readonly string[]): Promise<void> {
    const bytes = Buffer.allocUnsafe(keys.length * BYTES_PER_KEY)
    for (const [i, key] of keys.entries()) bytes.writeDoubleLE(hashKey(key), i * BYTES_PER_KEY)
    try {
      await this.#file.write(bytes, 0, bytes.length, this.#bytes)
      await this.#file.datasync()
    } catch (error) {
      throw fileError('Cannot write', this.#path, error)
    }
    this.#bytes += bytes.length
    for (const key of keys) this.#keys.add(key)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

async function readOrEmpty(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Not for appending: Linux would then ignore the position. */
async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return open(path, 'wx', 0o600)
    throw error
  }
}
