import { open } from 'node:fs/promises'
import { errorCode, fileError } from './file-error.ts'
import { layoutOf } from './layout.ts'
import { ledgerLineSchema } from './ledger-schema.ts'

const MAX_PROBLEMS = 100

export interface LedgerCheck {
  readonly lines: number
  /** As `line 12: kpis.error_rate: …`; at most 100, and never what the line says. */
  readonly problems: readonly string[]
}

/**
 * Reads the whole ledger and checks every field of every line, without a lock.
 *
 * @throws {EnvironmentError} when it cannot be read
 */
export async function checkLedger(directory: string): Promise<LedgerCheck> {
  let lines = 0
  const problems: string[] = []
  for await (const text of linesOf(layoutOf(directory).ledger)) {
    lines += 1
    const problem = problems.length < MAX_PROBLEMS ? problemOf(text) : undefined
    if (problem !== undefined) problems.push(`line ${lines}: ${problem}`)
  }
  return { lines, problems }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    const file = await open(path)
    yield* file.readLines()
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw fileError('Cannot read', path, error)
  }
}

function problemOf(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'expected JSON'
  }
  const issue = ledgerLineSchema.safeParse(value).error?.issues[0]
  return issue === undefined ? undefined : `${issue.path.join('.') || 'the line'}: ${issue.message}`
}
