import type { Measurement } from './programs/measured.ts'

/** Runs all contenders in turns, so that what slows the machine down meets all of them. */
export async function interleaved<Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<Measurement>>>,
  rounds: number,
): Promise<ReadonlyMap<string, Measurement>> {
  const results = new Map<string, Measurement[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries<() => Promise<Measurement>>(contenders)) {
      results.set(name, [...(results.get(name) ?? []), await run()])
    }
  }
  return new Map([...results].map(([name, measurements]) => [name, medianOf(measurements)]))
}

function medianOf(measurements: readonly Measurement[]): Measurement {
  const middle = (field: keyof Measurement): number => median(measurements.map((measurement) => measurement[field]))
  return {
    wallMs: middle('wallMs'),
    cpuMs: middle('cpuMs'),
    maxRssBytes: middle('maxRssBytes'),
    count: middle('count'),
  }
}

/** The upper one of the two in the middle, if there are two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
