import { type BigIntStats, statSync } from 'node:fs'
import { basename } from 'node:path'
import { errorCode } from '#src/store/file-error.ts'
import { identityOf } from './fingerprint.ts'
import { type FilePatterns, type Listing, listFiles } from './globs.ts'
import type { LineSink, OnFileEvent } from './line-consumer.ts'
import { LineFile } from './line-file.ts'
import { type FilePositions, retireGone } from './position.ts'
import { Slices } from './slices.ts'

/** A directory whose time is younger than this may get another entry without getting another time. */
const TIME_RESOLUTION_MS = 2000
/** Directories are listed again after so many looks, even when nothing points to a change. */
const LOOKS_PER_LISTING = 60

export interface TrackedFilesOptions {
  readonly patterns: FilePatterns
  readonly positions: FilePositions
  readonly sinkFor: (path: string) => LineSink
  readonly onEvent: OnFileEvent
  /** Lets others have their turn: to look at thousands of files takes long. */
  readonly pause: () => Promise<void>
}

/** The files that match the patterns, by identity: found, recognised under another name, and missed when they go. */
export class TrackedFiles {
  readonly #options: TrackedFilesOptions
  readonly #files = new Map<string, LineFile>()
  #byPath = new Map<string, LineFile>()
  readonly #unreadable = new Set<string>()
  #directories: readonly string[] = []
  /** Identity and time of each directory when it was listed. */
  #listed = new Map<string, { readonly identity: string; readonly mtimeNs: bigint }>()
  #stale = true
  #looks = 0

  constructor(options: TrackedFilesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#files.size
  }

  at(path: string): LineFile | undefined {
    return this.#byPath.get(path)
  }

  /** Directories to watch: identity by path. */
  directories(): ReadonlyMap<string, string> {
    return new Map([...this.#listed].map(([path, { identity }]) => [path, identity]))
  }

  /** Makes the next look list the directories again. */
  expire(): void {
    this.#stale = true
  }

  /** Looks at all known files, and for new ones where something points to them. */
  async look(nowMs: number): Promise<void> {
    this.#looks++
    const slices = new Slices(this.#options.pause)
    if (!this.#stale && this.#looks % LOOKS_PER_LISTING > 0 && (await this.#unmoved(nowMs, slices))) return
    this.#stale = false
    await this.#noteDirectories(slices)
    const listing = await listFiles(this.#options.patterns, slices)
    // A new directory may have got files before it was noted.
    if (this.#rememberDirectories(listing)) this.#stale = true
    await this.#take(listing.paths, nowMs, slices)
  }

  /**
   * Files with something to read, in the order in which they should be: what is gone before what took its place, then by
   * the date in the name or the age.
   */
  changed(): LineFile[] {
    return [...this.#files.values()].filter((file) => file.changed || file.gone).toSorted(inOrder)
  }

  /** Bytes that are not read yet, by path, of files that have some. */
  lags(): ReadonlyMap<string, number> {
    const lagging = [...this.#files.values()].filter(({ unreadBytes }) => unreadBytes > 0)
    return new Map(lagging.map(({ path, unreadBytes }) => [path, unreadBytes]))
  }

  /** Files that are read to their end because nothing leads to them any more. */
  gone(): LineFile[] {
    return [...this.#files.values()].filter((file) => file.gone)
  }

  forget(file: LineFile): void {
    this.#files.delete(file.identity)
    if (this.#byPath.get(file.path) === file) this.#byPath.delete(file.path)
  }

  /** Names a file that cannot be read, once until it can be. */
  unreadable(path: string, code: string): void {
    if (this.#unreadable.has(path)) return
    this.#unreadable.add(path)
    this.#options.onEvent('unreadable', path, code)
  }

  readable(path: string): void {
    this.#unreadable.delete(path)
  }

  async #unmoved(nowMs: number, slices: Slices): Promise<boolean> {
    for (const [path, file] of this.#byPath) {
      if (slices.over) await slices.pause()
      const stats = this.#stat(path)
      if (stats === undefined || identityOf(stats) !== file.identity) return false
      file.observe(stats)
    }
    for (const directory of this.#directories) {
      if (slices.over) await slices.pause()
      const listed = this.#listed.get(directory)
      const stats = this.#stat(directory)
      if (stats?.mtimeNs !== listed?.mtimeNs) return false
      if (stats !== undefined && nowMs - Number(stats.mtimeMs) < TIME_RESOLUTION_MS) return false
    }
    return true
  }

  async #noteDirectories(slices: Slices): Promise<void> {
    this.#listed = new Map()
    for (const directory of this.#directories) {
      if (slices.over) await slices.pause()
      this.#noteDirectory(directory)
    }
  }

  #noteDirectory(directory: string): void {
    const stats = this.#stat(directory)
    if (stats !== undefined) this.#listed.set(directory, { identity: identityOf(stats), mtimeNs: stats.mtimeNs })
  }

  /** @returns whether there are new ones */
  #rememberDirectories({ directories }: Listing): boolean {
    const known = new Set(this.#directories)
    this.#directories = directories
    const added = directories.filter((directory) => !known.has(directory))
    for (const directory of added) this.#noteDirectory(directory)
    return added.length > 0
  }

  async #take(paths: readonly string[], nowMs: number, slices: Slices): Promise<void> {
    // What is looked for by its path meanwhile is found under the old one.
    const byPath = new Map<string, LineFile>()
    const present = new Map<string, string>()
    for (const path of paths) {
      if (slices.over) await slices.pause()
      const stats = this.#stat(path)
      if (stats === undefined) continue
      if (!stats.isFile()) {
        this.unreadable(path, stats.isDirectory() ? 'EISDIR' : 'not a regular file')
        continue
      }
      const identity = identityOf(stats)
      // Two names of one file: it is read once.
      if (present.has(identity)) continue
      present.set(identity, path)
      const file = this.#files.get(identity) ?? this.#track(identity, path)
      file.path = path
      file.gone = false
      file.observe(stats)
      byPath.set(path, file)
    }
    this.#byPath = byPath
    for (const file of this.#files.values()) {
      if (file.gone || present.has(file.identity)) continue
      file.gone = true
      file.quietScans = 0
    }
    retireGone(this.#options.positions, this.#files, nowMs)
  }

  #track(identity: string, path: string): LineFile {
    const position = this.#options.positions.get(identity)
    const file = new LineFile(identity, path, this.#options.sinkFor(path), position)
    this.#files.set(identity, file)
    if (position?.goneSinceMs !== undefined) this.#options.positions.set(identity, file.position())
    return file
  }

  #stat(path: string): BigIntStats | undefined {
    try {
      return statSync(path, { bigint: true, throwIfNoEntry: false })
    } catch (error) {
      this.unreadable(path, errorCode(error))
      return undefined
    }
  }
}

const DATE = /(?<!\d)20\d\d-\d\d-\d\d(?!\d)/

function inOrder(a: LineFile, b: LineFile): number {
  return Number(b.gone) - Number(a.gone) || dateMs(a) - dateMs(b) || (a.path < b.path ? -1 : 1)
}

function dateMs({ path, mtimeMs }: LineFile): number {
  const ms = Date.parse(DATE.exec(basename(path))?.[0] ?? '')
  return Number.isNaN(ms) ? mtimeMs : ms
}
