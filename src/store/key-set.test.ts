import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashKey } from './key-hash.ts'
import { KeySet } from './key-set.ts'

const SEED = 20261120
const MILLION = 1_000_000

test.for<[name: string, key: (index: number) => string]>([
  ['random hexadecimal', (index) => createHash('md5').update(String(index)).digest('hex')],
  ['sequential', (index) => `span:0af7651916cd43dd8448eb211c80319c:${index}`],
])('a million %s keys have a million hashes', ([, key]) => {
  const hashes = new Float64Array(MILLION)
  for (let index = 0; index < MILLION; index += 1) hashes[index] = hashKey(key(index))
  hashes.sort()
  let collisions = 0
  for (let index = 1; index < MILLION; index += 1) if (hashes[index] === hashes[index - 1]) collisions += 1
  expect(collisions).toBe(0)
  expect(hashes[0]).toBeGreaterThanOrEqual(1)
  expect(hashes.at(-1)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER)
  // Spread over the whole range: the median of a million uniform numbers is within 0.5 % of the middle.
  expect((hashes[MILLION / 2] ?? 0) / 2 ** 53).toBeCloseTo(0.5, 2)
})

test.for<[name: string, key: (index: number) => string]>([
  ['differ in the first character', (index) => `${String.fromCharCode(index)}${'x'.repeat(40)}`],
  ['differ in the last character', (index) => `${'x'.repeat(41)}${String.fromCharCode(index)}`],
  ['are runs of different lengths', (index) => '\0'.repeat(index)],
  ['swap two characters', (index) => `${String.fromCharCode(index % 100, Math.floor(index / 100))}`],
])('keys that %s do not collide', ([, key]) => {
  const count = 5000
  expect(new Set(Array.from({ length: count }, (_, index) => hashKey(key(index)))).size).toBe(count)
})

test('the hash of a key never changes: it is stored', () => {
  expect(['', 'a', 'ab', 'abc', 'größe🤖'].map(hashKey)).toMatchInlineSnapshot(`
    [
      2648996722442360,
      1988355787558048,
      8538230465965608,
      8115296965544430,
      240174186240717,
    ]
  `)
})

test('a key is new once', () => {
  const set = new KeySet()
  expect([set.add('a'), set.add('b'), set.add('a'), set.add('')]).toEqual([true, true, false, true])
  expect([set.has('a'), set.has(''), set.has('c')]).toEqual([true, true, false])
  expect(set.size).toBe(3)
})

test('it does what a set of strings does, also after encoding and decoding', () => {
  const keys = fc.array(fc.string({ maxLength: 3 }), { maxLength: 300, size: 'max' })
  fc.assert(
    fc.property(keys, keys, (before, after) => {
      const model = new Set<string>()
      let set = new KeySet()
      const add = (key: string) => {
        expect(set.add(key)).toBe(!model.has(key))
        model.add(key)
      }
      before.forEach(add)
      set = KeySet.decode(set.encode())
      after.forEach(add)
      expect(set.size).toBe(model.size)
      for (const key of model) expect(set.has(key)).toBe(true)
    }),
    { seed: SEED },
  )
})

test('a decoded set that is asked for no key knows its size and its text', () => {
  const set = new KeySet()
  for (const key of ['a', 'b', 'c']) set.add(key)
  const decoded = KeySet.decode(set.encode())
  expect([decoded.size, decoded.encode()]).toEqual([3, set.encode()])
})

test('the text of a set never changes: it is stored', () => {
  const set = new KeySet()
  for (const key of ['a', 'b', 'c']) set.add(key)
  expect(set.encode()).toBe('gDKeoZhBHENOY0gKlKw+Q78qSJGgPzJD')
})

test('an encoded set takes eleven characters per key', () => {
  const set = new KeySet()
  for (let index = 0; index < 3000; index += 1) set.add(`key ${index}`)
  expect(set.encode().length).toBe(32_000)
})

test('a text that is no encoded set is refused', () => {
  expect(() => KeySet.decode('AAAA')).toThrow('whole 8-byte keys')
})
