import { styleText } from 'node:util'
import type { LedgerLine } from '#src/model/assessment.ts'
import { truncateToWidth } from '../report/display-width.ts'
import { shownAlerts } from '../report/kpi-status.ts'
import { visibleText } from '../report/visible-text.ts'
import type { Io } from './io.ts'
import { shortSessionId } from './session-id.ts'
import { tableStyle } from './table.ts'

const COLOURS = { CRITICAL: 'red', HIGH: 'yellow', WARNING: 'yellow', MEDIUM: 'yellow', LOW: undefined } as const

const MARK_WIDTH = 10

/**
 * What was alarming about sessions and what was suggested, in their order; those with neither are left out.
 *
 * @param most sessions that are told of
 * @returns empty when there is nothing to tell; no line is wider than the terminal
 */
export function verdictsText(lines: readonly LedgerLine[], most: number, { stdout, env }: Pick<Io, 'stdout' | 'env'>) {
  const { width, colours } = tableStyle(stdout, env)
  const told = lines.filter((line) => shownAlerts(line).length + line.suggestions.length > 0)
  const text = told.slice(0, most).map((line) => {
    const title = `${line.started_at.slice(5, 10)} ${visibleText(line.agent_type)} ${shortSessionId(line.session_id)}`
    const alerts = shownAlerts(line).map(({ severity, message }) => row(severity, message))
    const suggestions = line.suggestions.map(({ priority, title }) => row(priority, `try: ${title}`))
    return [truncateToWidth(title, width), ...alerts, ...suggestions].map((each) => `${each}\n`).join('')
  })
  const more = told.length > most ? `and ${told.length - most} sessions more\n` : ''
  return text.join('') + more

  function row(mark: keyof typeof COLOURS | 'INFO', message: string): string {
    const colour = mark === 'INFO' ? undefined : COLOURS[mark]
    const padded = mark.padEnd(MARK_WIDTH - 1)
    const shown = colour === undefined || !colours ? padded : styleText(colour, padded, { validateStream: false })
    return `  ${shown} ${truncateToWidth(visibleText(message), width - MARK_WIDTH - 2)}`
  }
}
