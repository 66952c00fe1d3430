import type { Session } from '../model/session.ts'
import type { KpiResult } from './result.ts'

/** Tools that change files, as agents name them. */
const EDIT_TOOLS: readonly string[] = [
  'Edit',
  'MultiEdit',
  'NotebookEdit',
  'Write',
  'apply_patch',
  'edit',
  'replace',
  'write_file',
]

/** Edits that failed, and so had to be made again / edits whose outcome is known. */
export function editRetryRate({ tools, sources }: Session): KpiResult {
  const edits = EDIT_TOOLS.map((name) => tools[name]).filter((use) => use !== undefined)
  const failed = edits.reduce((sum, { failures }) => sum + failures, 0)
  const known = edits.reduce((sum, { calls, unknown }) => sum + calls - unknown, 0)
  if (known > 0) return { value: failed / known, n: known, sources, estimated: false }
  return { absent: edits.length > 0 ? 'no edit has a known outcome' : 'no file was edited' }
}
