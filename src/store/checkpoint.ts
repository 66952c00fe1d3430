import { readFile, rename } from 'node:fs/promises'
import * as z from 'zod'
import { errorCode, fileError } from './file-error.ts'
import { newerFormat } from './newer-format.ts'
import type { Json } from './store.ts'

/** Rises when an older agentperf could not read what a checkpoint or its session log says. Since 2 the log has closings. */
const CHECKPOINT_VERSION = 2

// What JSON.parse gives is JSON: going through every value again would only cost time.
const json = z.custom<Json>((value) => value !== undefined)
const offset = z.int().nonnegative()
const keyedValues = z.array(z.tuple([z.string(), z.string(), json]))

const checkpointSchema = z.strictObject({
  version: z.int().min(1).max(CHECKPOINT_VERSION),
  positions: keyedValues,
  notes: keyedValues,
  counters: json.exactOptional(),
  /** How far each exporter has come in the ledger, in bytes. */
  cursors: z.array(z.tuple([z.string(), offset])),
  /** The valid part of the session log. */
  session_log: z.array(z.strictObject({ segment: z.int().positive(), length: offset })),
  /** Where the ledger ended. */
  ledger_offset: offset,
  /** Lines of the ledger before this have their events, projections and files. */
  finished_offset: offset.exactOptional(),
})

/** All state that must stay together: where the input was read up to, and what was made of it. */
export type Checkpoint = Omit<z.infer<typeof checkpointSchema>, 'version'>

export type CheckpointProblem = 'missing' | 'damaged'

export function formatCheckpoint(checkpoint: Checkpoint): string {
  return `${JSON.stringify({ version: CHECKPOINT_VERSION, ...checkpoint })}\n`
}

/**
 * Reads the checkpoint.
 *
 * @throws {EnvironmentError} when it cannot be read, or a newer agentperf wrote it
 */
export async function readCheckpoint(path: string): Promise<Checkpoint | CheckpointProblem> {
  const text = await readIfThere(path)
  if (text === undefined) return 'missing'
  const value = parseJson(text)
  refuseNewer(value, path)
  return checkpointSchema.safeParse(value).data ?? 'damaged'
}

/** Moves a checkpoint that cannot be used out of the way. @returns where it is now */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.damaged`
  try {
    await rename(path, aside)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw fileError('Cannot rename', path, error)
  }
  return aside
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fileError('Cannot read', path, error)
  }
}

function refuseNewer(value: unknown, path: string): void {
  const version = z.looseObject({ version: z.int() }).safeParse(value).data?.version ?? 0
  if (version <= CHECKPOINT_VERSION) return
  throw newerFormat({ place: path, what: 'a checkpoint', unit: 'version', newest: CHECKPOINT_VERSION, found: version })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
