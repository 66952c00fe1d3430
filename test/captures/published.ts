import { tool } from '../pipelines/hook-lines.ts'

export interface PublishedSession {
  readonly id: string
  readonly calls: number
  readonly failures: number
  /** As published, rounded there. */
  readonly correctness: number
}

/** The rows that have counts of tool calls, failures and a published correctness. */
export function publishedSessions(csv: string): PublishedSession[] {
  const [header = '', ...rows] = csv.trim().split('\n')
  const columns = header.split(',')
  return rows.flatMap((row) => {
    const cells = csvCells(row)
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
    const ok = cell('tool_ok')
    const failed = cell('tool_failed')
    const correctness = cell('reported_tool_correctness')
    if (ok === '' || failed === '' || correctness === '') return []
    const failures = Number(failed)
    return [{ id: cell('session_id'), calls: Number(ok) + failures, failures, correctness: Number(correctness) }]
  })
}

/** A session with so many tool calls, as hooks would have written it. */
export function rebuiltSession(id: string, calls: number, failures: number): string {
  const lines = Array.from({ length: calls }, (_, n) =>
    tool(n, 'Bash', { session: id, 'builtin.success': n >= failures }),
  )
  return `${lines.join('\n')}\n`
}

function csvCells(row: string): string[] {
  return [...row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell.replace(/^"|"$/g, ''))
}
