import { expect, test } from 'vitest'
import { hexOfEight } from './hex-id.ts'

test('eight bytes are written as Node writes them, whichever they are', () => {
  const bytes = Buffer.from(Array.from({ length: 256 + 8 }, (_, byte) => byte % 256))
  for (let at = 0; at < 256; at++) expect(hexOfEight(bytes, at)).toBe(bytes.toString('hex', at, at + 8))
})
