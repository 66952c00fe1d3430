import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  read,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { tempPathIn } from './atomic-file.ts'
import { errorCode, fileError } from './file-error.ts'

const readAsync = promisify(read)
const syncAsync = promisify(fdatasync)

/** A file that is read and written at byte positions. Every failure is an `EnvironmentError` that names the file. */
export class ByteFile {
  readonly path: string
  readonly #descriptor: number
  #closed = false

  private constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  /** Opens a file for reading and writing; it and its folders are made where missing. */
  static open(path: string): ByteFile {
    try {
      mkdirSync(dirname(path), { recursive: true })
      return new ByteFile(path, openExisting(path) ?? openSync(path, 'wx+'))
    } catch (error) {
      throw fileError('Cannot open', path, error)
    }
  }

  /** @returns `undefined` when there is no such file */
  static openReadOnly(path: string): ByteFile | undefined {
    try {
      return new ByteFile(path, openSync(path, 'r'))
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return undefined
      throw fileError('Cannot open', path, error)
    }
  }

  /** A file without a name, in the system's folder for such: nothing is left of it even after a crash. */
  static openTemporary(): ByteFile {
    const path = tempPathIn(tmpdir())
    try {
      const descriptor = openSync(path, 'wx+', 0o600)
      unlinkSync(path)
      return new ByteFile(path, descriptor)
    } catch (error) {
      throw fileError('Cannot open', path, error)
    }
  }

  size(): number {
    return this.#attempt('Cannot read', () => fstatSync(this.#descriptor).size)
  }

  /** Fills the buffer from a position on. @returns bytes read: fewer only at the end of the file */
  readAt(buffer: Uint8Array, position: number): number {
    return this.#attempt('Cannot read', () => {
      let filled = 0
      while (filled < buffer.length) {
        const count = readSync(this.#descriptor, buffer, filled, buffer.length - filled, position + filled)
        if (count === 0) break
        filled += count
      }
      return filled
    })
  }

  /** Like {@link readAt}, without blocking; may read fewer bytes, 0 only at the end of the file. */
  async readSome(buffer: Uint8Array, position: number): Promise<number> {
    try {
      const { bytesRead } = await readAsync(this.#descriptor, buffer, 0, buffer.length, position)
      return bytesRead
    } catch (error) {
      throw fileError('Cannot read', this.path, error)
    }
  }

  /** Writes all bytes at a position. When that fails a part of them may be there. */
  writeAt(bytes: Uint8Array, position: number): void {
    this.#attempt('Cannot write', () => {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, position + written)
      }
    })
  }

  truncate(length: number): void {
    this.#attempt('Cannot truncate', () => ftruncateSync(this.#descriptor, length))
  }

  /** Makes what was written survive a power failure. */
  async sync(): Promise<void> {
    try {
      await syncAsync(this.#descriptor)
    } catch (error) {
      throw fileError('Cannot write', this.path, error)
    }
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#descriptor)
  }

  #attempt<T>(doing: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw fileError(doing, this.path, error)
    }
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r+')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
