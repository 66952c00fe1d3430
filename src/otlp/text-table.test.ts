import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_SHARED_BYTES, TextTable } from './text-table.ts'

const SEED = 20_261_120

function read(table: TextTable, bytes: Uint8Array): string {
  // At an odd place among other bytes.
  const buffer = Buffer.concat([Buffer.from('.'), bytes, Buffer.from('...')])
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  return table.read(buffer, view, 1, 1 + bytes.length)
}

test(`any bytes give their text, however full the table is (seed ${SEED})`, () => {
  const table = new TextTable(3)
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: MAX_SHARED_BYTES }),
    fc.string({ maxLength: MAX_SHARED_BYTES }).map((text) => Buffer.from(text).subarray(0, MAX_SHARED_BYTES)),
    fc.constantFrom('a', 'b', 'ab', 'ba', 'abcd', 'abcde', 'bbcde', 'é', '\0', '\0\0').map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 1, maxLength: 50 }), (texts) => {
      for (const text of texts) expect(read(table, text)).toBe(Buffer.from(text).toString())
    }),
    { seed: SEED, numRuns: 500 },
  )
})

test('texts that differ in one byte only are told apart', () => {
  const table = new TextTable(10)
  for (let length = 1; length <= MAX_SHARED_BYTES; length++) {
    for (let at = 0; at < length; at++) {
      for (const letter of ['a', 'b']) {
        const text = `${'a'.repeat(at)}${letter}${'a'.repeat(length - at - 1)}`
        expect(read(table, Buffer.from(text))).toBe(text)
      }
    }
  }
})
