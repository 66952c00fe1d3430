import { displayWidth, padToWidth } from './display-width.ts'
import { visibleText } from './visible-text.ts'

/** One column of a Markdown table. */
export interface MarkdownColumn {
  readonly header: string
  readonly align: 'left' | 'right'
}

const MAX_TEXT_LENGTH = 300
const MARKUP = /[\\|`*[\]~&<>_]/

/**
 * Text of unknown origin as Markdown that shows it literally, in a table cell too: one line, no markup, no HTML, at
 * most 300 characters.
 */
export function escapeMarkdown(text: string): string {
  const visible = visibleText(text)
  const short = visible.length > MAX_TEXT_LENGTH ? shortened(visible) : visible
  // Most texts are names without any: the replacements took a tenth of a report's time.
  if (!MARKUP.test(short)) return short
  return short
    .replace(/[\\|`*[\]~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/(?<![\p{L}\p{N}_])_+|_+(?![\p{L}\p{N}_])/gu, (run) => run.replaceAll('_', '\\_'))
}

function shortened(text: string): string {
  const characters = [...text]
  return characters.length > MAX_TEXT_LENGTH ? `${characters.slice(0, MAX_TEXT_LENGTH).join('')}…` : text
}

/**
 * A Markdown table whose source is aligned as well.
 *
 * @param rows cells that are Markdown already (see {@link escapeMarkdown}); missing ones are empty
 */
export function markdownTable(columns: readonly MarkdownColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ header }, index) =>
    rows.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? '')), Math.max(3, displayWidth(header))),
  )
  const line = (cells: readonly string[]): string =>
    `| ${columns.map(({ align }, index) => padToWidth(cells[index] ?? '', widths[index] ?? 0, align)).join(' | ')} |`
  const rule = columns.map(({ align }, index) => {
    const dashes = '-'.repeat((widths[index] ?? 0) + 1)
    return align === 'right' ? `${dashes}:` : `:${dashes}`
  })
  return [line(columns.map(({ header }) => header)), `|${rule.join('|')}|`, ...rows.map(line)].join('\n')
}
