import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KnownNames } from './known-names.ts'

const SEED = 20_261_122

/** What is found where these bytes stand among others. */
function found(names: KnownNames, text: string): string | undefined {
  const buffer = Buffer.from(`.${text}...`)
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  return names.at(view, 1, Buffer.byteLength(text))
}

test(`the names are found and nothing else, however alike they are (seed ${SEED})`, () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é'), minLength: 4, maxLength: 12 })
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 200 }), fc.array(letters), (wanted, others) => {
      const names = new KnownNames(new Set(wanted))
      for (const text of [...wanted, ...others]) {
        expect(found(names, text)).toBe(wanted.includes(text) ? text : undefined)
      }
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('names that are too short to be found are left out', () => {
  expect(found(new KnownNames(new Set(['', 'k', 'key', 'keys'])), 'keys')).toBe('keys')
})

test('without names nothing is found', () => {
  expect(found(new KnownNames(new Set()), 'session.id')).toBeUndefined()
})
