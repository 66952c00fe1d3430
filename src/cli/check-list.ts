import { visibleText } from '#src/report/visible-text.ts'

/** What one look found; `hint` says what to do about it. */
export interface Check {
  readonly check: string
  readonly ok: boolean
  readonly found: string
  readonly hint?: string
}

/** The checks for people, one line each, and how many want a look. */
export function checksText(checks: readonly Check[]): string {
  const lines = checks.map(({ check, ok, found, hint }) => {
    const line = `${ok ? 'ok  ' : 'LOOK'}  ${visibleText(check)}: ${visibleText(found)}`
    return hint === undefined ? line : `${line}\n      ${hint}`
  })
  const findings = checks.filter(({ ok }) => !ok).length
  return `${lines.join('\n')}\n${findings === 0 ? 'All is well.' : `${findings} to look at.`}\n`
}
