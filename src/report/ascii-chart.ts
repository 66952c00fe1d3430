import { formatNumber } from './format.ts'

/** What a chart shows and how much room it has. */
export interface ChartOptions {
  /** Oldest first. What is not finite is left out. */
  readonly values: readonly number[]
  /** Drawn as a dashed line. */
  readonly baseline: number | undefined
  /** Columns, labels included; where it is too narrow for all values the last ones are shown. */
  readonly width: number
  /** Rows of the plot, at least 3. */
  readonly height: number
}

const POINT = code('o')
const PATH = code('.')
const DASH = code('-')
const SIDE = code('|')
const CORNER = code('+')
const SPACE = code(' ')
const LINE_FEED = code('\n')
const MAX_STEP_COLUMNS = 6
/** Narrower steps have no room for the sessions' numbers. */
const MIN_NUMBERED_COLUMNS = 4

/**
 * A line chart in plain ASCII: points, the path between them, the baseline, and labels on both axes.
 *
 * @returns its lines; empty where there is no finite value
 */
export function asciiChart({ values, baseline, width, height }: ChartOptions): string {
  const finite = values.filter(Number.isFinite)
  if (finite.length === 0) return ''
  const level = baseline !== undefined && Number.isFinite(baseline) ? baseline : undefined
  const scale = scaleOf(level === undefined ? finite : [...finite, level], Math.max(3, Math.floor(height) || 3))
  // A space and the axis stand between a label and the plot.
  const left = scale.labels.reduce((width, label) => Math.max(width, label.length), 0) + 2
  const plot = plotColumns(finite, Math.max(1, Math.floor(width - left) || 1))

  const grid = emptyGrid(scale.labels.length + 2, left, plot.columns)
  drawAxes(grid, scale)
  if (level !== undefined) drawBaseline(grid, scale.rowOf(level))
  drawPath(grid, plot, scale)
  if (plot.step >= MIN_NUMBERED_COLUMNS) drawNumbers(grid, plot)
  return textOf(grid)
}

/** ASCII codes, row after row from the top: read as one text, which takes a fraction of joining rows of characters. */
interface Grid {
  readonly cells: Buffer
  readonly rows: number
  /** Where the plot begins. */
  readonly left: number
  /** Of the plot. */
  readonly columns: number
  /** From one row to the next: each has room for its line feed. */
  readonly stride: number
}

interface Scale {
  /** One for each row, from the top. */
  readonly labels: readonly string[]
  rowOf(value: number): number
}

interface Plot {
  readonly values: readonly number[]
  /** Columns from one value to the next. */
  readonly step: number
  readonly columns: number
}

// Halves, because the difference of two finite numbers may be infinite.
function scaleOf(values: readonly number[], rows: number): Scale {
  const low = Math.min(...values) / 2
  const high = Math.max(...values) / 2
  const range = high - low
  const labels = Array<string>(rows).fill('')
  if (!(range > 0)) {
    const middle = Math.floor(rows / 2)
    labels[middle] = formatNumber(values[0] ?? 0)
    return { labels, rowOf: () => middle }
  }
  // As many decimals as tell one row from the next.
  const decimals = 1 - Math.floor(Math.log10((range / (rows - 1)) * 2))
  for (let row = rows - 1; row >= 0; row -= 2) {
    labels[row] = axisLabel((low + range * ((rows - 1 - row) / (rows - 1))) * 2, decimals)
  }
  return { labels, rowOf: (value) => rows - 1 - Math.round(((value / 2 - low) / range) * (rows - 1)) }
}

function axisLabel(value: number, decimals: number): string {
  return decimals < 0 || decimals > 8 || Math.abs(value) >= 1e9 ? formatNumber(value) : value.toFixed(decimals)
}

function plotColumns(finite: readonly number[], room: number): Plot {
  const values = finite.slice(-room)
  const step = Math.min(MAX_STEP_COLUMNS, Math.max(1, Math.floor(room / values.length)))
  return { values, step, columns: Math.min(room, values.length * step) }
}

function emptyGrid(rows: number, left: number, columns: number): Grid {
  const stride = left + columns + 1
  return { cells: Buffer.allocUnsafe(rows * stride).fill(SPACE), rows, left, columns, stride }
}

function drawAxes({ cells, left, columns, stride }: Grid, { labels }: Scale): void {
  for (const [row, label] of labels.entries()) {
    const plot = row * stride + left
    if (label !== '') cells.write(label, plot - 2 - label.length, 'latin1')
    cells[plot - 1] = SIDE
  }
  const plot = labels.length * stride + left
  cells[plot - 1] = CORNER
  cells.fill(DASH, plot, plot + columns)
}

function drawBaseline(grid: Grid, row: number): void {
  for (let column = 0; column < grid.columns; column += 2) draw(grid, row, column, DASH)
}

function drawPath(grid: Grid, { values, step }: Plot, scale: Scale): void {
  const rows = values.map(scale.rowOf)
  for (const [index, row] of rows.entries()) {
    const next = rows[index + 1]
    for (let offset = 1; next !== undefined && offset < step; offset++) {
      draw(grid, Math.round(row + ((next - row) * offset) / step), index * step + offset, PATH)
    }
    draw(grid, row, index * step, POINT)
  }
}

function drawNumbers({ cells, rows, left, stride }: Grid, { values, step }: Plot): void {
  const row = (rows - 1) * stride + left
  for (let index = 0; index < values.length; index++) cells.write(`s${index + 1}`, row + index * step, 'latin1')
}

function draw({ cells, left, columns, stride }: Grid, row: number, column: number, mark: number): void {
  if (column < columns) cells[row * stride + left + column] = mark
}

/** Its rows without the spaces at their ends, and without the last one where nothing was drawn in it. */
function textOf({ cells, stride }: Grid): string {
  let length = 0
  for (let start = 0; start < cells.length; start += stride) {
    let end = start + stride
    while (end > start && cells[end - 1] === SPACE) end--
    cells.copyWithin(length, start, end)
    length += end - start
    cells[length++] = LINE_FEED
  }
  return cells.toString('latin1', 0, length).trimEnd()
}

function code(character: string): number {
  return character.charCodeAt(0)
}
