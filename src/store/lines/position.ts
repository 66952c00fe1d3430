import type { Json, Positions } from '#src/store/store.ts'

/** How far a file was read, and what is needed to recognise it again. */
export interface FilePosition {
  /** Where the file was last seen. */
  readonly path: string
  /** Bytes delivered; of a gzip file: of its content. */
  readonly offset: number
  /** The file's first bytes: how many, and their fingerprint. */
  readonly headBytes: number
  readonly head: string
  /** Fingerprint of the bytes before `offset`. */
  readonly tail: string
  /** Size of a gzip file when it was read to its end. */
  readonly gzipBytes?: number
  /** When it was no longer found. Epoch milliseconds. */
  readonly goneSinceMs?: number
}

/** The positions of one component's files, by file identity. */
export interface FilePositions {
  get(identity: string): FilePosition | undefined
  set(identity: string, position: FilePosition): void
  delete(identity: string): void
  identities(): readonly string[]
}

/** A file that comes back (a disk that was away) goes on where it was; after this time its position is forgotten. */
const KEEP_GONE_MS = 7 * 86_400_000

/** The file positions of one component in the store. A stored value that is no position counts as none. */
export function filePositions(positions: Positions, component: string): FilePositions {
  return {
    get: (identity) => parsePosition(positions.get(component, identity)),
    set: (identity, position) => positions.set(component, identity, { ...position }),
    delete: (identity) => positions.delete(component, identity),
    identities: () => [...positions.keys(component)],
  }
}

/** Notes since when files are gone that are not `present`, and forgets those that have been for long. */
export function retireGone(positions: FilePositions, present: ReadonlyMap<string, unknown>, nowMs: number): void {
  for (const identity of positions.identities()) {
    if (present.has(identity)) continue
    const position = positions.get(identity)
    if (position?.goneSinceMs === undefined) {
      if (position !== undefined) positions.set(identity, { ...position, goneSinceMs: nowMs })
    } else if (nowMs - position.goneSinceMs > KEEP_GONE_MS) positions.delete(identity)
  }
}

function parsePosition(value: Json | undefined): FilePosition | undefined {
  if (!isObject(value)) return undefined
  const { path, offset, headBytes, head, tail, gzipBytes, goneSinceMs } = value
  if (typeof path !== 'string' || typeof head !== 'string' || typeof tail !== 'string') return undefined
  if (!isCount(offset) || !isCount(headBytes)) return undefined
  return {
    path,
    offset,
    headBytes,
    head,
    tail,
    ...(isCount(gzipBytes) ? { gzipBytes } : undefined),
    ...(isCount(goneSinceMs) ? { goneSinceMs } : undefined),
  }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
