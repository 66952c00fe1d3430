/** A stream of pseudo-random numbers in [0, 1). */
export type Random = () => number

/** The same stream for the same seed: Tommy Ettinger's Mulberry32. @param seed a whole number */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A standard normal variable: Box & Muller (1958). */
export function randomNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A gamma variable of scale 1: Marsaglia & Tsang (2000). @param shape positive */
export function randomGamma(shape: number, random: Random): number {
  if (shape < 1) return randomGamma(shape + 1, random) * (1 - random()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  while (true) {
    const normal = randomNormal(random)
    const cube = (1 + c * normal) ** 3
    if (cube > 0 && Math.log(1 - random()) < 0.5 * normal * normal + d - d * cube + d * Math.log(cube)) return d * cube
  }
}

/** A beta variable with a mean and a variance of `overdispersion · mean · (1 − mean)`. */
export function randomBeta(mean: number, overdispersion: number, random: Random): number {
  const concentration = (1 - overdispersion) / overdispersion
  const a = randomGamma(mean * concentration, random)
  const b = randomGamma((1 - mean) * concentration, random)
  return a + b === 0 ? mean : a / (a + b)
}

/** How many of `n` independent trials succeed. */
export function randomBinomial(n: number, rate: number, random: Random): number {
  let successes = 0
  for (let trial = 0; trial < n; trial++) if (random() < rate) successes += 1
  return successes
}
