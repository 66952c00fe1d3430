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
const BASELINE = code('-')
const SPACE = code(' ')
const MAX_STEP_COLUMNS = 6

/**
 * A line chart in plain ASCII: points, the path between them, the baseline, and labels on both axes.
 *
 * @returns its lines; none where there is no finite value
 */
export function asciiChart({ values, baseline, width, height }: ChartOptions): readonly string[] {
  const finite = values.filter(Number.isFinite)
  if (finite.length === 0) return []
  const level = baseline !== undefined && Number.isFinite(baseline) ? baseline : undefined
  const scale = scaleOf(level === undefined ? finite : [...finite, level], Math.max(3, Math.floor(height) || 3))
  const labels = scale.labels.map((label) => `${label} |`)
  const labelWidth = Math.max(...labels.map((label) => label.length))
  const plot = plotColumns(finite, Math.max(1, Math.floor(width - labelWidth) || 1))

  const grid: Grid = { cells: Buffer.allocUnsafe(labels.length * plot.columns).fill(SPACE), columns: plot.columns }
  if (level !== undefined) drawBaseline(grid, scale.rowOf(level))
  drawPath(grid, plot, scale)
  const drawn = grid.cells.toString('latin1')
  return [
    ...labels.map(
      (label, row) => label.padStart(labelWidth) + drawn.slice(row * plot.columns, (row + 1) * plot.columns).trimEnd(),
    ),
    `${' '.repeat(labelWidth - 1)}+${'-'.repeat(plot.columns)}`,
    ...sessionLabels(plot, labelWidth),
  ]
}

/** ASCII codes, row after row from the top: read as one text, which takes a fraction of joining rows of characters. */
interface Grid {
  readonly cells: Buffer
  readonly columns: number
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
  const flat = !(range > 0)
  const labelOf = (row: number): string => {
    if (flat) return row === Math.floor(rows / 2) ? formatNumber(values[0] ?? 0) : ''
    return axisLabel((low + range * ((rows - 1 - row) / (rows - 1))) * 2, (range / (rows - 1)) * 2)
  }
  return {
    labels: Array.from({ length: rows }, (_, row) => (row % 2 === (rows - 1) % 2 || flat ? labelOf(row) : '')),
    rowOf: (value) => {
      const share = flat ? 0.5 : (value / 2 - low) / range
      return flat ? Math.floor(rows / 2) : rows - 1 - Math.round(share * (rows - 1))
    },
  }
}

// As many decimals as tell one row from the next.
function axisLabel(value: number, stepOfRows: number): string {
  const decimals = 1 - Math.floor(Math.log10(stepOfRows))
  return decimals < 0 || decimals > 8 || Math.abs(value) >= 1e9 ? formatNumber(value) : value.toFixed(decimals)
}

function plotColumns(finite: readonly number[], room: number): Plot {
  const values = finite.slice(-room)
  const step = Math.min(MAX_STEP_COLUMNS, Math.max(1, Math.floor(room / values.length)))
  return { values, step, columns: Math.min(room, values.length * step) }
}

function drawBaseline(grid: Grid, row: number): void {
  for (let column = 0; column < grid.columns; column += 2) draw(grid, row, column, BASELINE)
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

function draw({ cells, columns }: Grid, row: number, column: number, mark: number): void {
  if (column < columns) cells[row * columns + column] = mark
}

function sessionLabels({ values, step }: Plot, labelWidth: number): readonly string[] {
  if (step < 4) return []
  const labels = values.map((_, index) => `s${index + 1}`.padEnd(step))
  return [(' '.repeat(labelWidth) + labels.join('')).trimEnd()]
}

function code(character: string): number {
  return character.charCodeAt(0)
}
