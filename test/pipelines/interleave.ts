import { type Random, seededRandom } from '#src/stats/random.ts'

const SHARE_TWICE = 0.1

/** In a random order, every tenth of them twice; the same for the same seed. */
export function interleaved<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  const twice = items.filter(() => random() < SHARE_TWICE)
  return shuffled([...items, ...twice], random)
}

/** Cut somewhere in its middle half. */
export function cut<T>(items: readonly T[], seed: number): readonly [T[], T[]] {
  const at = Math.ceil(items.length * (0.25 + 0.5 * seededRandom(seed)()))
  return [items.slice(0, at), items.slice(at)]
}

/** All parts of a set but the empty one. */
export function subsetsOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length - 1 }, (_, n) => items.filter((_item, bit) => ((n + 1) >> bit) & 1))
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
