import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { EnvironmentError, LockHeldError } from '#src/errors.ts'
import { tempPathIn } from './atomic-file.ts'
import { errorCode, fileError } from './file-error.ts'
import { isAlive, processSpace, processStart } from './process-identity.ts'

/** How often a holder touches its lock, for those who cannot see its process. */
const HEARTBEAT_MS = 5_000
/** A lock of another host or container that was not touched for so long has lost its holder. */
const FOREIGN_STALE_MS = 30_000
/** A lock without its holder's name is one that is just being written, or was when the power failed. */
const NAMELESS_STALE_MS = 2_000
/** How often a lock is tried again when its state changed under our eyes. */
const ATTEMPTS = 10

const ownerSchema = z.strictObject({
  pid: z.int().positive(),
  /** Host and container in which the pid means something. */
  space: z.string(),
  process_start: z.string().optional(),
  started_at: z.string(),
  token: z.string(),
})

type Owner = z.infer<typeof ownerSchema>

export interface Lock {
  /** Safe to call twice. */
  release(): void
}

/**
 * Takes the writer lock: a file that names its holder. A lock whose holder is gone is taken over.
 *
 * @throws {LockHeldError} when another process holds it: says who, since when, and what to do
 */
export function acquireLock(path: string, nowMs: number): Lock {
  const owner = describeSelf(nowMs)
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (tryCreate(path, owner)) return holdLock(path, owner)
    const found = readOwner(path)
    if (found === 'missing') continue
    if (!isStale(path, found)) throw heldError(path, found)
    removeStale(path, found)
  }
  throw new EnvironmentError(
    `Cannot take the lock ${path}: it changed hands ${ATTEMPTS} times. Stop the other agentperf processes that use this directory.`,
  )
}

function describeSelf(nowMs: number): Owner {
  const start = processStart(process.pid)
  return {
    pid: process.pid,
    space: processSpace(),
    ...(start === undefined ? {} : { process_start: start }),
    started_at: new Date(nowMs).toISOString(),
    token: randomBytes(8).toString('hex'),
  }
}

/** Creates the lock with its content in one step, so that nobody ever reads a half-written one. */
function tryCreate(path: string, owner: Owner): boolean {
  const ownPath = tempPathIn(dirname(path))
  try {
    writeNew(ownPath, owner)
    try {
      linkSync(ownPath, path)
      return true
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false
      // Some file systems have no links; there the content follows a moment later.
      return tryWriteNew(path, owner)
    } finally {
      rmSync(ownPath, { force: true })
    }
  } catch (error) {
    throw fileError('Cannot create the lock', path, error)
  }
}

function tryWriteNew(path: string, owner: Owner): boolean {
  try {
    writeNew(path, owner)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

function writeNew(path: string, owner: Owner): void {
  const descriptor = openSync(path, 'wx')
  try {
    writeSync(descriptor, `${JSON.stringify(owner)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** @returns `undefined` when the file does not say who holds it, as after a power failure */
function readOwner(path: string): Owner | 'missing' | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'missing'
    if (error instanceof SyntaxError) return undefined
    throw fileError('Cannot read the lock', path, error)
  }
}

function isStale(path: string, owner: Owner | undefined): boolean {
  if (owner === undefined) return millisecondsSinceTouched(path) > NAMELESS_STALE_MS
  const { pid, space, process_start } = owner
  if (space !== processSpace()) return millisecondsSinceTouched(path) > FOREIGN_STALE_MS
  if (!isAlive(pid)) return true
  const start = processStart(pid)
  return start !== undefined && process_start !== undefined && start !== process_start
}

/** Measured by the file system's clock, which all hosts share. */
function millisecondsSinceTouched(path: string): number {
  const probe = tempPathIn(dirname(path))
  try {
    closeSync(openSync(probe, 'wx'))
    return statSync(probe).mtimeMs - statSync(path).mtimeMs
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw fileError('Cannot check the lock', path, error)
  } finally {
    rmSync(probe, { force: true })
  }
}

/** Removes a stale lock, but never one that another process put there since it was read. */
function removeStale(path: string, stale: Owner | undefined): void {
  const aside = tempPathIn(dirname(path))
  try {
    renameSync(path, aside)
    const moved = readOwner(aside)
    if (moved !== 'missing' && moved?.token !== stale?.token) linkSync(aside, path)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(errorCode(error))) throw fileError('Cannot take over the lock', path, error)
  } finally {
    rmSync(aside, { force: true })
  }
}

function holdLock(path: string, { token }: Owner): Lock {
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS)
  heartbeat.unref()
  let released = false
  return {
    release() {
      if (released) return
      released = true
      clearInterval(heartbeat)
      const owner = readOwner(path)
      if (owner !== 'missing' && owner?.token === token) rmSync(path, { force: true })
    },
  }
}

function touch(path: string): void {
  try {
    // Written, not set: the time must be the file system's. The byte is the one that stands there.
    const descriptor = openSync(path, 'r+')
    writeSync(descriptor, '{', 0)
    closeSync(descriptor)
  } catch {
    // A missed heartbeat is made good by the next one.
  }
}

function heldError(path: string, owner: Owner | undefined): LockHeldError {
  if (owner === undefined) {
    return new LockHeldError(`Another agentperf is just taking the lock ${path}. Try again in a few seconds.`)
  }
  const { pid, space, started_at } = owner
  const here = space === processSpace()
  const where = here ? '' : ` on ${space}`
  const advice = here
    ? `Stop it (kill ${pid}), or use another directory (AGENTPERF_HOME).`
    : `Stop it, or use another directory (AGENTPERF_HOME); when it is gone its lock lapses within ${FOREIGN_STALE_MS / 1000} s.`
  return new LockHeldError(
    `Another agentperf writes to ${dirname(dirname(path))}: process ${pid}${where}, since ${started_at} (lock ${path}). ${advice}`,
  )
}
