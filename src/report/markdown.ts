import { displayWidth, padToWidth } from './display-width.ts'
import { visibleText } from './visible-text.ts'

/** One column of a Markdown table. */
export interface MarkdownColumn {
  readonly header: string
  readonly align: 'left' | 'right'
}

const MAX_TEXT_LENGTH = 300
const MIN_COLUMN_WIDTH = 3
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
  const aligned = columns.map(({ header, align }, index) =>
    alignedCells([header, ...rows.map((row) => row[index] ?? '')], align),
  )
  const lines = ['', ...rows].map((_, row) => `| ${aligned.map(({ cells }) => cells[row]).join(' | ')} |`)
  const rule = columns.map(({ align }, index) => {
    const dashes = '-'.repeat((aligned[index]?.width ?? 0) + 1)
    return align === 'right' ? `${dashes}:` : `:${dashes}`
  })
  lines.splice(1, 0, `|${rule.join('|')}|`)
  return lines.join('\n')
}

function alignedCells(cells: readonly string[], align: MarkdownColumn['align']) {
  const widths = cells.map(displayWidth)
  const width = widths.reduce((widest, each) => Math.max(widest, each), MIN_COLUMN_WIDTH)
  return { width, cells: cells.map((cell, index) => padToWidth(cell, width, align, widths[index])) }
}
