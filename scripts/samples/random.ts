/** A stream of pseudo-random values that is the same on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number
  between(min: number, max: number): number
  /** Both ends included. */
  integer(min: number, max: number): number
  chance(probability: number): boolean
  /** Nearly normal: a sum of uniforms, because logarithms and cosines differ between machines in the last digit. */
  normal(mean: number, stdDev: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  hex(digits: number): string
  uuid(): string
}

/** @param seed streams of different seeds have nothing to do with each other */
export function randomFrom(seed: string): Random {
  const next = sfc32(seed)
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  const hex = (digits: number): string => Array.from({ length: digits }, () => integer(0, 15).toString(16)).join('')
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    integer,
    chance: (probability) => next() < probability,
    normal: (mean, stdDev) => {
      let sum = -6
      for (let n = 0; n < 12; n++) sum += next()
      return mean + stdDev * sum
    },
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${integer(8, 11).toString(16)}${hex(3)}-${hex(12)}`,
  }
}

// Chris Doty-Humphrey's Small Fast Counter, the 32-bit member of PractRand.
function sfc32(seed: string): () => number {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = 0xb7e15162
  let counter = 1
  for (let n = 0; n < seed.length; n++) {
    a = Math.imul(a ^ seed.charCodeAt(n), 0x85ebca6b)
    b = Math.imul(b ^ a, 0xc2b2ae35)
    c ^= b >>> 13
  }
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4294967296
  }
  for (let n = 0; n < 15; n++) next()
  return next
}
