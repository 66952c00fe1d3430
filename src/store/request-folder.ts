import { open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { removeLeftovers, syncDirectory, tempPathIn, writeDurably } from './atomic-file.ts'
import { errorCode, fileError } from './file-error.ts'
import {
  decodeRequestHeader,
  decodeStoredRequest,
  encodeStoredRequest,
  MAX_HEADER_BYTES,
  type RequestHeader,
  type StoredRequest,
} from './stored-request.ts'

const REQUEST_FILE = /^(\d{16})\.request$/
const ID_DIGITS = 16

/** Ids are microseconds, so that those of different runs do not meet. */
const IDS_PER_MS = 1000

const PRIVATE_MODE = 0o600

/** What had to go to make room. */
export interface Overflow {
  readonly requests: number
  readonly items: number
}

/**
 * Requests in a folder, one file each, oldest first: a queue on disk, or the dead letters of one. What was appended is
 * there after a power failure; what was removed may come back after one.
 */
export class RequestFolder {
  readonly directory: string
  readonly maxBytes: number
  /** Bytes by id, oldest first. */
  readonly #sizes: Map<string, number>
  #bytes = 0
  #lastId: number
  /** The folder's last sync, and the one after it: requests that come together share one. */
  #sync: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | undefined
  /** Several that make room at the same time would remove, and count, the same requests. */
  #room: Promise<unknown> = Promise.resolve()
  #newest: string | undefined
  #inUse: string | undefined
  /** What is being removed to make room. */
  #going: string | undefined

  private constructor(directory: string, maxBytes: number, files: readonly (readonly [id: string, bytes: number])[]) {
    this.directory = directory
    this.maxBytes = maxBytes
    this.#sizes = new Map(files)
    for (const [, bytes] of files) this.#bytes += bytes
    this.#lastId = Number(files.at(-1)?.[0] ?? 0)
  }

  /** @param maxBytes when the requests take more, the oldest go, but neither the newest nor one in use */
  static async open(directory: string, maxBytes: number): Promise<RequestFolder> {
    await removeLeftovers(directory)
    try {
      return new RequestFolder(directory, maxBytes, await filesOf(directory))
    } catch (error) {
      throw fileError('Cannot read', directory, error)
    }
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#sizes.size
  }

  ids(): readonly string[] {
    return [...this.#sizes.keys()]
  }

  /** Bytes of its file; 0 for one that is not there. */
  bytesOf(id: string): number {
    return this.#sizes.get(id) ?? 0
  }

  oldest(): string | undefined {
    for (const id of this.#sizes.keys()) if (id !== this.#going) return id
    return undefined
  }

  /** Keeps a request, and none but it, from being removed to make room. @param id `undefined`: none */
  use(id: string | undefined): void {
    this.#inUse = id
  }

  /** When the oldest request came, in epoch milliseconds. */
  oldestMs(): number | undefined {
    const id = this.oldest()
    return id === undefined ? undefined : Number(id) / IDS_PER_MS
  }

  /**
   * Takes requests in, all or none. When it resolves they survive a power failure.
   *
   * @returns what had to go for them
   */
  async append(requests: readonly StoredRequest[], nowMs: number): Promise<Overflow> {
    const files = requests.map((request) => {
      const temporary = tempPathIn(this.directory)
      return { pieces: encodeStoredRequest(request), temporary, id: this.#nextId(nowMs) }
    })
    try {
      await allDone(files.map(({ temporary, pieces }) => writeDurably(temporary, pieces, PRIVATE_MODE)))
      await allDone(files.map(({ temporary, id }) => rename(temporary, this.#pathOf(id))))
      await this.#synced()
    } catch (error) {
      for (const path of files.flatMap(({ temporary, id }) => [temporary, this.#pathOf(id)]))
        await rm(path, { force: true }).catch(() => {})
      throw fileError('Cannot write', this.directory, error)
    }
    for (const { id, pieces } of files) {
      const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
      this.#sizes.set(id, bytes)
      this.#newest = id
      this.#bytes += bytes
    }
    const room = this.#room.then(() => this.#makeRoom())
    this.#room = room.catch(() => {})
    return room
  }

  /** @throws InvalidDataError when the file is not whole */
  async read(id: string): Promise<StoredRequest> {
    const path = this.#pathOf(id)
    try {
      return decodeStoredRequest(await readFile(path))
    } catch (error) {
      throw errorCode(error) === '' ? error : fileError('Cannot read', path, error)
    }
  }

  /** What a request is, without reading its body. @throws InvalidDataError when the file is not whole */
  async readHeader(id: string): Promise<RequestHeader> {
    const path = this.#pathOf(id)
    try {
      const file = await open(path)
      try {
        const { size } = await file.stat()
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, MAX_HEADER_BYTES)))
        return decodeRequestHeader(buffer.subarray(0, bytesRead), size)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw errorCode(error) === '' ? error : fileError('Cannot read', path, error)
    }
  }

  /** @returns whether it was there: another process may have removed it */
  async remove(id: string): Promise<boolean> {
    const path = this.#pathOf(id)
    let wasThere = true
    try {
      await unlink(path)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw fileError('Cannot remove', path, error)
      wasThere = false
    }
    this.#bytes -= this.#sizes.get(id) ?? 0
    this.#sizes.delete(id)
    return wasThere
  }

  async #makeRoom(): Promise<Overflow> {
    let requests = 0
    let items = 0
    for (const id of this.#sizes.keys()) {
      if (this.#bytes <= this.maxBytes) break
      if (id === this.#inUse || id === this.#newest) continue
      this.#going = id
      try {
        const itemsGone = await this.#itemsOf(id)
        if (!(await this.remove(id))) continue
        items += itemsGone
        requests += 1
      } finally {
        this.#going = undefined
      }
    }
    return { requests, items }
  }

  async #itemsOf(id: string): Promise<number> {
    // A file that cannot be read goes as well.
    return this.read(id).then(
      ({ items }) => items,
      () => 0,
    )
  }

  /** Resolves when the renames until now survive a power failure. */
  #synced(): Promise<void> {
    // One that is under way may have begun before them.
    this.#nextSync ??= this.#sync
      .catch(() => {})
      .then(() => {
        this.#nextSync = undefined
        this.#sync = syncDirectory(this.directory)
        return this.#sync
      })
    return this.#nextSync
  }

  #nextId(nowMs: number): string {
    this.#lastId = Math.max(this.#lastId + 1, nowMs * IDS_PER_MS)
    return String(this.#lastId).padStart(ID_DIGITS, '0')
  }

  #pathOf(id: string): string {
    return join(this.directory, `${id}.request`)
  }
}

/** Waits for all of them, also when one fails. @throws what the first that failed did */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function filesOf(directory: string): Promise<readonly (readonly [string, number])[]> {
  const files: (readonly [string, number])[] = []
  for (const name of (await namesIn(directory)).toSorted()) {
    const [, id] = REQUEST_FILE.exec(name) ?? []
    if (id === undefined) continue
    const bytes = await sizeOf(join(directory, name))
    if (bytes !== undefined) files.push([id, bytes])
  }
  return files
}

/** @returns `undefined` when another process has removed the file */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
