import { type MarkdownColumn, markdownTable } from './markdown.ts'

/** Longer tables are cut, and say so. */
const MAX_ROWS = 40

/** A Markdown table; nothing where there are no rows. */
export function table(columns: readonly MarkdownColumn[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const shown = markdownTable(columns, rows.slice(0, MAX_ROWS))
  return rows.length > MAX_ROWS ? `${shown}\n\n${rows.length - MAX_ROWS} more rows are not shown.` : shown
}

export function left(header: string): MarkdownColumn {
  return { header, align: 'left' }
}

export function right(header: string): MarkdownColumn {
  return { header, align: 'right' }
}
