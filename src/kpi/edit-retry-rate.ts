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
  let edited = false
  let failed = 0
  let known = 0
  for (const name of EDIT_TOOLS) {
    const use = tools[name]
    if (use === undefined) continue
    edited = true
    failed += use.failures
    known += use.calls - use.unknown
  }
  if (known > 0) return { value: failed / known, n: known, sources, estimated: false }
  return { absent: edited ? 'no edit has a known outcome' : 'no file was edited' }
}
