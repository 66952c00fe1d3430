/**
 * How many characters must be inserted, deleted, replaced or swapped with their neighbour to turn one text into the
 * other (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforePrevious, j - 2) + 1 : Infinity
      current.push(Math.min(at(previous, j) + 1, at(current, j - 1) + 1, replaced, swapped))
    }
    beforePrevious = previous
    previous = current
  }
  return at(previous, b.length)
}

/** @returns the known word nearest to what was written, when it is near enough to be meant */
export function nearest(written: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Infinity
  for (const word of known) {
    const limit = toleratedSteps(Math.max(written.length, word.length))
    if (Math.abs(written.length - word.length) > limit) continue
    const distance = editDistance(written.toLowerCase(), word.toLowerCase())
    if (distance <= limit && distance < bestDistance) [best, bestDistance] = [word, distance]
  }
  return best
}

/** @returns ` (did you mean …?)`, or nothing */
export function didYouMean(written: string, known: readonly string[]): string {
  const word = nearest(written, known)
  return word === undefined ? '' : ` (did you mean ${word}?)`
}

// Of a text of one or two characters too little is left to recognise it.
function toleratedSteps(length: number): number {
  return length < 3 ? 0 : Math.max(1, Math.floor(length / 3))
}

function at(row: readonly number[], i: number): number {
  return row[i] ?? Infinity
}
