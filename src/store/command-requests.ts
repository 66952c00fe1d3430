import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { writeFileAtomic } from './atomic-file.ts'
import { errorCode, fileError, folderError } from './file-error.ts'

/** What a command asks of the process that holds the lock. */
export interface CommandRequest {
  /** Which change; the one who is asked knows its options. */
  readonly change: string
  readonly options: unknown
}

/** What came of it: what the command prints and exits with. */
export interface CommandAnswer {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface TakenRequest {
  readonly id: string
  /** `undefined` when the file holds something else. */
  readonly request: CommandRequest | undefined
}

const requestSchema = z.strictObject({ change: z.string().min(1).max(64), options: z.unknown() })
const answerSchema = z.strictObject({ exitCode: z.int(), out: z.string(), err: z.string() })

const REQUEST = /^([0-9a-f-]{36})\.request\.json$/
const ANSWER = /^[0-9a-f-]{36}\.answer\.json$/
const MAX_REQUEST_BYTES = 64 * 1024
/** Whoever asked is gone by then: what they wanted may not be wanted any more. */
const STALE_MS = 60_000
const POLL_MS = 50
/** So long a request may lie there, and so long one may take that was taken. */
const TAKEN_WITHIN_MS = 10_000
const ANSWERED_WITHIN_MS = 30_000

/**
 * Asks the process that holds the lock: a file in a folder that only its owner can write to, and another one with the answer.
 *
 * @returns `not_taken`: nothing was changed and nothing will be; `no_answer`: it was taken, and what came of it is not known
 * @throws {EnvironmentError} when it cannot be written
 */
export async function askWriter(
  folder: string,
  request: CommandRequest,
  { takenWithinMs = TAKEN_WITHIN_MS, answeredWithinMs = ANSWERED_WITHIN_MS } = {},
): Promise<CommandAnswer | 'not_taken' | 'no_answer'> {
  const id = randomUUID()
  await makeFolder(folder)
  const path = join(folder, `${id}.request.json`)
  await writeFileAtomic(path, JSON.stringify(request))
  const answer = await waitForAnswer(folder, id, takenWithinMs)
  if (answer !== undefined) return answer
  if (await remove(path)) return 'not_taken'
  return (await waitForAnswer(folder, id, answeredWithinMs)) ?? 'no_answer'
}

/** Takes what was asked: each request once. What whoever asked has left behind is removed. */
export async function takeRequests(folder: string, nowMs: number): Promise<readonly TakenRequest[]> {
  const taken: TakenRequest[] = []
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const [, id] = REQUEST.exec(name) ?? []
    if (id === undefined && !ANSWER.test(name)) continue
    const known = await lstat(path).catch(() => undefined)
    if (known === undefined) continue
    const isStale = nowMs - known.mtimeMs > STALE_MS
    if (id === undefined || isStale) {
      if (isStale) await rm(path, { force: true })
      continue
    }
    const text = known.isFile() && known.size <= MAX_REQUEST_BYTES ? await readFile(path, 'utf8') : ''
    if (await remove(path)) taken.push({ id, request: parse(text, requestSchema) })
  }
  return taken
}

export async function answerRequest(folder: string, id: string, answer: CommandAnswer): Promise<void> {
  await writeFileAtomic(answerPath(folder, id), JSON.stringify(answer))
}

function answerPath(folder: string, id: string): string {
  return join(folder, `${id}.answer.json`)
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw folderError(folder, error)
  }
}

async function waitForAnswer(folder: string, id: string, waitMs: number): Promise<CommandAnswer | undefined> {
  const path = answerPath(folder, id)
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += POLL_MS) {
    await sleep(POLL_MS)
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    await rm(path, { force: true })
    return parse(text, answerSchema)
  }
  return undefined
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw fileError('Cannot read', folder, error)
  }
}

/** @returns whether it was there: of two that remove a file, one did */
async function remove(path: string): Promise<boolean> {
  try {
    await rm(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw fileError('Cannot remove', path, error)
  }
}

function parse<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
