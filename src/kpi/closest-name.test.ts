import { expect, test } from 'vitest'
import { closestName } from './closest-name.ts'

test.for<{ name: string; closest: string | undefined }>([
  { name: 'eror_rate', closest: 'error_rate' },
  { name: 'error_rates', closest: 'error_rate' },
  { name: 'cache_eficency', closest: 'cache_efficiency' },
  { name: 'cache', closest: undefined },
  { name: '', closest: undefined },
])('who writes «$name» means $closest', ({ name, closest }) => {
  expect(closestName(name, ['error_rate', 'cache_efficiency'])).toBe(closest)
})

test('of two that are equally close the first is named', () => {
  expect(closestName('call', ['calls', 'calla'])).toBe('calls')
})
