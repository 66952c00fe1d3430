import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TRUST_ORDER } from './trust-order.ts'

/** The names in backticks of each row: a fact, and the kinds of sources that are believed on it. */
function trustTable(): string[][] {
  const lines = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').split('\n')
  const rows = lines.slice(lines.findIndex((line) => line.startsWith('| fact ')) + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end).map((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

test('the order of trust that the README tells is that of the code', () => {
  expect(trustTable()).toEqual(Object.entries(TRUST_ORDER).map(([fact, kinds]) => [fact, ...kinds]))
})
