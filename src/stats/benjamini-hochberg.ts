/**
 * Benjamini–Hochberg (1995): of all that is called a finding, at most the share `rate` is expected to be chance.
 *
 * @param p in any order, each in [0, 1]
 * @param rate the false discovery rate, in (0, 1)
 * @returns for each p, in the same order, whether it is a finding
 */
export function discoveries(p: readonly number[], rate: number): readonly boolean[] {
  const ascending = p.toSorted((a, b) => a - b)
  const last = ascending.findLastIndex((value, index) => value <= (rate * (index + 1)) / ascending.length)
  const limit = ascending[last]
  return p.map((value) => limit !== undefined && value <= limit)
}
