import { LEDGER_SCHEMA, type LedgerLine } from '#src/model/assessment.ts'
import { newerFormat } from './newer-format.ts'

const MAX_COUNT = 0x7fff_ffff

/** Where a line stands in the ledger: bytes from `offset` up to `endOffset`, its line feed included. */
export interface LedgerRecord {
  readonly line: LedgerLine
  readonly offset: number
  readonly endOffset: number
}

/**
 * Reads one line of the ledger. Only what readers rely on is checked: this runs once per line of a long file.
 *
 * @returns `undefined` when it is not a ledger line
 * @throws {EnvironmentError} when a newer agentperf wrote it
 */
export function parseLedgerLine(text: string, path: string, offset: number): LedgerLine | undefined {
  const value = parseJson(text)
  if (isRecord(value) && typeof value.schema === 'number' && value.schema > LEDGER_SCHEMA) {
    throw newerFormat({
      place: `${path}, byte ${offset}`,
      what: 'a line',
      unit: 'schema',
      newest: LEDGER_SCHEMA,
      found: value.schema,
    })
  }
  return isLedgerLine(value) ? value : undefined
}

/** Whether a value has what every reader of the ledger relies on; `ledger-schema.ts` checks all of it. */
export function isLedgerLine(value: unknown): value is LedgerLine {
  return (
    isRecord(value) &&
    isCount(value.schema) &&
    isCount(value.revision) &&
    typeof value.session_id === 'string' &&
    typeof value.agent_type === 'string' &&
    typeof value.ended_at === 'string' &&
    typeof value.started_at === 'string' &&
    (value.model === null || typeof value.model === 'string') &&
    isRecord(value.kpis) &&
    areFinite(value.kpis) &&
    isRecord(value.evidence) &&
    isRecord(value.deviations) &&
    Array.isArray(value.notes) &&
    isRecord(value.totals)
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT
}

function areFinite(values: Readonly<Record<string, unknown>>): boolean {
  for (const key in values) {
    if (!Number.isFinite(values[key])) return false
  }
  return true
}
