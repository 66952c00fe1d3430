import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fact, SourceKind } from '#src/dialect/trust-order.ts'

const README = join(import.meta.dirname, '../../src/dialect/README.md')

/** Who is believed on a fact, the most trusted first, as the README of the dialects says it. */
export function trustTable(): ReadonlyMap<string, readonly string[]> {
  const rows = readFileSync(README, 'utf8').matchAll(/^\| `(\w+)` +\| (`.*`) +\|$/gm)
  return new Map(
    [...rows].map(([, fact = '', order = '']) => [fact, order.split(' > ').map((kind) => kind.slice(1, -1))]),
  )
}

/** The most trusted of the kinds that are there and know the fact. */
export function mostTrusted(fact: Fact, there: readonly SourceKind[]): SourceKind | undefined {
  const order = trustTable().get(fact)
  if (order === undefined) throw new Error(`the README has no order of trust for ${fact}`)
  return there.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)).find((kind) => order.includes(kind))
}
