import { truncateToWidth } from '#src/report/display-width.ts'
import type { Io } from './io.ts'
import { tableStyle } from './table.ts'

/** The lines that two texts do not share, `-` and `+` before them, in their order; empty for equal texts. */
export function lineDiff(before: string, after: string): string {
  const a = before.split('\n')
  const b = after.split('\n')
  const common = commonLengths(a, b)
  const rows: string[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i += 1
      j += 1
    } else if (j >= b.length || (i < a.length && lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))) {
      rows.push(`- ${a[i]}\n`)
      i += 1
    } else {
      rows.push(`+ ${b[j]}\n`)
      j += 1
    }
  }
  return rows.join('')
}

/** A difference as it is shown: on a terminal one line stays one, commands of hooks are long. */
export function fitted(diff: string, { stdout, env }: Pick<Io, 'stdout' | 'env'>): string {
  if (stdout.isTTY !== true) return diff
  const { width } = tableStyle(stdout, env)
  return diff
    .split('\n')
    .map((line) => truncateToWidth(line, width))
    .join('\n')
}

/** Of the longest common rest from each pair of lines on. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint32Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = lengths[i]
    if (row === undefined) continue
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const longer = Math.max(lengthAt(lengths, i + 1, j), lengthAt(lengths, i, j + 1))
      row[j] = a[i] === b[j] ? lengthAt(lengths, i + 1, j + 1) + 1 : longer
    }
  }
  return lengths
}

function lengthAt(lengths: readonly Uint32Array[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0
}
