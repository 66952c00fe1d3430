import type { Shown } from './panel-results.ts'

/** Where a panel is, in pixels. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const COLOURS = ['#4e74f8', '#25e192', '#f5b225', '#e5484d', '#ad7f58', '#8a5cf6']
const GAP = 4
const HEAD = 26
const FOOT = 22

export function picture(parts: readonly string[], width: number, height: number): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>Panels of the dashboard «Agent performance» over the sample sessions</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0b0c0e"/>`,
    '<g font-family="Inter, Helvetica, Arial, sans-serif" font-size="12" fill="#c0c1c3">',
    ...parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

export function numberPicture(title: string, shown: readonly Shown[], unit: string, place: Place): string {
  const value = shown[0]?.value
  const digits = unit === ' %' ? 1 : 0
  const text = value === undefined ? 'no data' : `${value.toFixed(digits)}${unit}`
  const middle = place.x + place.width / 2
  return `${frame(title, place)}<text x="${middle}" y="${place.y + 58}" font-size="22" text-anchor="middle" fill="#fff">${escaped(text)}</text>`
}

/** Stacked by what it is grouped by. */
export function barPicture(title: string, shown: readonly Shown[], steps: readonly number[], place: Place): string {
  const groups = [...new Set(shown.map(({ group }) => group.join(' ')))].toSorted()
  const { left, top, width, height } = inside(place)
  const totals = steps.map((step) =>
    shown.filter(({ stepMs }) => stepMs === step).reduce((sum, { value }) => sum + value, 0),
  )
  const scale = height / Math.max(...totals)
  const bars = steps.flatMap((step, i) => {
    let above = top + height
    return groups.map((name, colour) => {
      const value = shown.find(({ stepMs, group }) => stepMs === step && group.join(' ') === name)?.value ?? 0
      above -= value * scale
      const x = left + (i * width) / steps.length + 1
      return `<rect x="${round(x)}" y="${round(above)}" width="${round(width / steps.length - 2)}" height="${round(value * scale)}" fill="${COLOURS[colour]}"/>`
    })
  })
  return frame(title, place) + axis(Math.max(...totals).toFixed(0), place) + bars.join('') + legend(groups, place)
}

/** Values as a line with points; what is usual, with its band. */
export function linePicture(title: string, shown: readonly Shown[], steps: readonly number[], place: Place): string {
  const { left, top, width, height } = inside(place)
  const highest = Math.max(...shown.map(({ value }) => value))
  const lines = ['F1', 'C', 'F2', 'F3'].map((series, colour) => {
    const points = shown
      .filter((one) => one.series === series)
      .map(({ stepMs = 0, value }) => {
        const x = left + ((steps.indexOf(stepMs) + 0.5) * width) / steps.length
        return [round(x), round(Math.min(top + height, top + height - (value / highest) * height))] as const
      })
    const path = `<polyline fill="none" stroke="${COLOURS[Math.min(colour, 2)]}" stroke-width="${colour === 0 ? 2 : 1}" ${colour > 1 ? 'stroke-dasharray="4 3"' : ''} points="${points.map(String).join(' ')}"/>`
    const dots = colour === 0 ? points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${COLOURS[0]}"/>`) : []
    return path + dots.join('')
  })
  return (
    frame(title, place) +
    axis(highest.toFixed(2), place) +
    lines.join('') +
    legend(['mean of sessions', 'usual', 'usual ± 1σ'], place)
  )
}

export function tablePicture(title: string, rows: readonly (readonly string[])[], place: Place): string {
  const columns = rows[0]?.length ?? 1
  const lineHeight = (place.height - HEAD - 2 * GAP) / rows.length
  const cells = rows.flatMap((row, y) =>
    row.map((text, x) => {
      // The first column is for names.
      const left = place.x + 16 + ((x === 0 ? 0 : x + 0.5) * (place.width - 24)) / (columns + 0.5)
      const colour = y === 0 ? '#8f96a3' : '#fff'
      return `<text x="${round(left)}" y="${round(place.y + HEAD + (y + 0.7) * lineHeight)}" fill="${colour}">${escaped(text)}</text>`
    }),
  )
  return frame(title, place) + cells.join('')
}

function frame(title: string, { x, y, width, height }: Place): string {
  const box = `<rect x="${x + GAP}" y="${y + GAP}" width="${width - 2 * GAP}" height="${height - 2 * GAP}" rx="4" fill="#121317" stroke="#1d212d"/>`
  return `${box}<text x="${x + 16}" y="${y + 22}" fill="#fff">${escaped(title)}</text>`
}

/** The highest value, and 0 at the bottom. */
function axis(highest: string, place: Place): string {
  const { left, top, height } = inside(place)
  const label = (y: number, text: string): string =>
    `<text x="${left - 6}" y="${y}" font-size="10" text-anchor="end" fill="#8f96a3">${text}</text>`
  return label(top + 8, highest) + label(top + height, '0')
}

function legend(names: readonly string[], { x, y, height }: Place): string {
  let left = x + 16
  return names
    .map((name, i) => {
      const text = `<rect x="${round(left)}" y="${y + height - 20}" width="9" height="9" fill="${COLOURS[i]}"/><text x="${round(left + 13)}" y="${y + height - 12}" font-size="9">${escaped(name)}</text>`
      left += 20 + 4.9 * name.length
      return text
    })
    .join('')
}

function inside({ x, y, width, height }: Place) {
  return { left: x + 44, top: y + HEAD + 8, width: width - 60, height: height - HEAD - FOOT - 16 }
}

function round(value: number): number {
  return Math.round(10 * value) / 10
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
