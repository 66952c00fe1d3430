import { styleText } from 'node:util'
import { displayWidth, truncateToWidth } from '#src/report/display-width.ts'
import { visibleText } from '#src/report/visible-text.ts'
import type { Io, Output } from './io.ts'

type Style = Parameters<typeof styleText>[0]

/** One column of a table. */
export interface Column {
  readonly header: string
  readonly align?: 'left' | 'right'
  /** Columns with larger numbers are left out first where the width does not suffice; 0 are never left out. */
  readonly priority?: number
  /** May be cut down to this many columns of the terminal before any column is left out. */
  readonly minWidth?: number
}

/** A cell: text, and how it looks where colours are wanted. */
export type Cell = string | { readonly text: string; readonly style: Style }

/** How much room a table has and whether it may use colours. */
export interface TableStyle {
  readonly width: number
  readonly colours: boolean
}

/** Between columns. */
const GAP = '  '
const DEFAULT_WIDTH = 80
const MIN_WIDTH = 20
const MAX_WIDTH = 120
const NARROWEST_COLUMN = 4

/** A terminal's width up to 120, and 80 elsewhere; colours on a terminal unless `NO_COLOR` is set. */
export function tableStyle(output: Output, env: Io['env']): TableStyle {
  const columns = output.isTTY === true ? (output.columns ?? DEFAULT_WIDTH) : DEFAULT_WIDTH
  const noColour = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb'
  return { width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns)), colours: output.isTTY === true && !noColour }
}

/**
 * A table that is never wider than the style's width: long cells are cut with an ellipsis, then the least important
 * columns are left out.
 *
 * @param rows cells in the order of the columns; missing ones are empty
 * @returns text that ends in a line break
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], style: TableStyle): string {
  const texts = rows.map((row) => columns.map((_, index) => visibleText(textOf(row[index] ?? ''))))
  const widths = fitWidths(columns, naturalWidths(columns, texts), style.width)
  const paint = (text: string, look: Style | undefined): string =>
    look === undefined || !style.colours ? text : styleText(look, text, { validateStream: false })

  const line = (cells: readonly string[], styleOf: (index: number) => Style | undefined): string => {
    const parts = columns.flatMap(({ align = 'left' }, index) => {
      const width = widths[index]
      if (width === undefined) return []
      const text = truncateToWidth(cells[index] ?? '', width)
      const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)))
      const painted = paint(text, styleOf(index))
      return [align === 'right' ? spaces + painted : painted + spaces]
    })
    return `${parts.join(GAP).trimEnd()}\n`
  }
  const header = line(
    columns.map(({ header: title }) => title),
    () => 'bold',
  )
  const body = texts.map((cells, row) => line(cells, (index) => styleIn(rows[row]?.[index])))
  return header + body.join('')
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

function styleIn(cell: Cell | undefined): Style | undefined {
  return typeof cell === 'object' ? cell.style : undefined
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly number[] {
  return columns.map(({ header }, index) =>
    Math.min(
      MAX_WIDTH,
      rows.reduce((width, cells) => Math.max(width, displayWidth(cells[index] ?? '')), displayWidth(header)),
    ),
  )
}

/** @returns a width for each column, `undefined` for those that are left out */
function fitWidths(
  columns: readonly Column[],
  natural: readonly number[],
  room: number,
): readonly (number | undefined)[] {
  const kept = new Set(columns.keys())
  while (true) {
    const widths = columns.map((_, index) => (kept.has(index) ? natural[index] : undefined))
    shrink(widths, room, (index) => columns[index]?.minWidth)
    if (totalWidth(widths) <= room) return widths
    const least = leastImportant(columns, kept)
    if (least === undefined) {
      shrink(widths, room, () => NARROWEST_COLUMN)
      return widths
    }
    kept.delete(least)
  }
}

/** Takes columns away from the widest, one at a time, down to each one's minimum. */
function shrink(widths: (number | undefined)[], room: number, minWidthOf: (index: number) => number | undefined): void {
  for (let excess = totalWidth(widths) - room; excess > 0; excess--) {
    const widest = [...widths.keys()]
      .filter((index) => (widths[index] ?? 0) > (minWidthOf(index) ?? Number.POSITIVE_INFINITY))
      .reduce<number | undefined>(
        (best, index) => ((widths[index] ?? 0) > (widths[best ?? -1] ?? 0) ? index : best),
        undefined,
      )
    if (widest === undefined) return
    widths[widest] = (widths[widest] ?? 0) - 1
  }
}

function leastImportant(columns: readonly Column[], kept: ReadonlySet<number>): number | undefined {
  const optional = [...kept].filter((index) => (columns[index]?.priority ?? 0) > 0)
  return optional.reduce<number | undefined>(
    (least, index) =>
      least === undefined || (columns[index]?.priority ?? 0) >= (columns[least]?.priority ?? 0) ? index : least,
    undefined,
  )
}

function totalWidth(widths: readonly (number | undefined)[]): number {
  const shown = widths.filter((width) => width !== undefined)
  return shown.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, shown.length - 1)
}
