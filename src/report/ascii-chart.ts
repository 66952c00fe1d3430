import { displayWidth, padToWidth } from './display-width.ts'
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

const POINT = 'o'
const PATH = '.'
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
  const labelWidth = Math.max(...labels.map(displayWidth))
  const plot = plotColumns(finite, Math.max(1, Math.floor(width - labelWidth) || 1))

  const grid = scale.labels.map(() => new Array<string>(plot.columns).fill(' '))
  if (level !== undefined) drawBaseline(grid[scale.rowOf(level)] ?? [])
  drawPath(grid, plot, scale)
  return [
    ...grid.map((row, index) => (padToWidth(labels[index] ?? '', labelWidth, 'right') + row.join('')).trimEnd()),
    `${' '.repeat(labelWidth - 1)}+${'-'.repeat(plot.columns)}`,
    ...sessionLabels(plot, labelWidth),
  ]
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

function drawBaseline(row: string[]): void {
  for (let column = 0; column < row.length; column += 2) row[column] = '-'
}

function drawPath(grid: string[][], { values, step }: Plot, scale: Scale): void {
  values.forEach((value, index) => {
    const row = scale.rowOf(value)
    const next = values[index + 1]
    for (let offset = 1; next !== undefined && offset < step; offset++) {
      const between = Math.round(row + ((scale.rowOf(next) - row) * offset) / step)
      draw(grid, between, index * step + offset, PATH)
    }
    draw(grid, row, index * step, POINT)
  })
}

function draw(grid: string[][], row: number, column: number, mark: string): void {
  const cells = grid[row]
  if (cells !== undefined && column < cells.length) cells[column] = mark
}

function sessionLabels({ values, step }: Plot, labelWidth: number): readonly string[] {
  if (step < 4) return []
  const labels = values.map((_, index) => padToWidth(`s${index + 1}`, step, 'left'))
  return [(' '.repeat(labelWidth) + labels.join('')).trimEnd()]
}
