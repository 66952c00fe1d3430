/**
 * What somebody who wrote `name` may have meant.
 *
 * @returns the candidate with the fewest edits away, at most a third of the name; `undefined` when none is close
 */
export function closestName(name: string, candidates: Iterable<string>): string | undefined {
  let closest: string | undefined
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editDistance(name, candidate)
    if (edits >= fewest) continue
    closest = candidate
    fewest = edits
  }
  return closest
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
