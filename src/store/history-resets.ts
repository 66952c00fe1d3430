import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { EnvironmentError } from '#src/errors.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { errorCode, fileError } from './file-error.ts'

const RESETS_SCHEMA = 1

const resetSchema = z.looseObject({
  schema: z.int().min(1),
  at: z.iso.datetime(),
  agent_type: z.string(),
  first_place: z.int().nonnegative(),
})

type Reset = z.infer<typeof resetSchema>

/**
 * From which place on an agent type's sessions count for its baseline: `history/resets.jsonl`. Sessions before it stay in the
 * ledger, and those among themselves are compared as before.
 */
export class HistoryResets {
  #resets: readonly Reset[]

  constructor(resets: readonly Reset[] = []) {
    this.#resets = resets
  }

  /** @throws {EnvironmentError} when the file cannot be read, or holds a line that is no reset */
  static read(path: string): HistoryResets {
    const lines = readLines(path)
    return new HistoryResets(lines.map((line, index) => parseReset(line, `${path}:${index + 1}`)))
  }

  /** The place of the first session that counts for one at a place. */
  firstPlace(agentType: string, place: number): number {
    let first = 0
    for (const { agent_type, first_place } of this.#resets) {
      if (agent_type === agentType && first_place <= place) first = Math.max(first, first_place)
    }
    return first
  }

  /** Leaves out resets that name sessions which the ledger does not have. @returns how many */
  dropBeyond(sessionCount: number): number {
    const kept = this.#resets.filter(({ first_place }) => first_place <= sessionCount)
    const dropped = this.#resets.length - kept.length
    this.#resets = kept
    return dropped
  }

  /** @param at ISO 8601 */
  add(agentType: string, firstPlace: number, at: string): void {
    this.#resets = [...this.#resets, { schema: RESETS_SCHEMA, at, agent_type: agentType, first_place: firstPlace }]
  }

  async write(path: string): Promise<void> {
    await writeFileAtomic(path, this.#resets.map((reset) => `${JSON.stringify(reset)}\n`).join(''))
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return []
    throw fileError('Cannot read', path, error)
  }
}

function parseReset(line: string, place: string): Reset {
  const reset = resetSchema.safeParse(parseJson(line)).data
  if (reset === undefined || reset.schema > RESETS_SCHEMA) {
    throw new EnvironmentError(
      `${place}: expected a reset of schema ${RESETS_SCHEMA}, found ${reset === undefined ? 'something else' : `schema ${reset.schema}`}. ` +
        'Correct the line or remove it; without it earlier sessions count for the baseline again.',
    )
  }
  return reset
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
