import { expect, test } from 'vitest'
import { type Arrivals, arrivals } from './arrivals.ts'

test.for<[name: string, came: number | undefined, counts: Partial<Arrivals>]>([
  ['all of it', 500, { arrived: 1 }],
  ['more, since there are other hooks', 800, { arrived: 1 }],
  ['only what other hooks said', 80, { lost: 1 }],
  ['nothing', 0, { lost: 1 }],
  ['the client does not say', undefined, { untold: 1 }],
])('what arrived: %s', ([, came, counts]) => {
  const found = arrivals({ injectedCharacters: { s1: 500 } }, (id) => (id === 's1' ? came : undefined))
  expect(found).toEqual({ arrived: 0, lost: 0, untold: 0, ...counts })
})
