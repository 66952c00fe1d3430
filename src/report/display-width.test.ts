import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayWidth, padToWidth, truncateToWidth } from './display-width.ts'

const SEED = 20_260_214

test.for<[text: string, width: number]>([
  ['', 0],
  ['code-reviewer', 13],
  ['Übersetzer', 10],
  ['翻訳エージェント', 16],
  ['한국어', 6],
  ['ｆｕｌｌ', 8],
  ['e\u0301', 1],
  ['😀', 2],
  ['👩‍💻', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
  ['a\u200bb', 2],
])('%s takes %d columns', ([text, width]) => {
  expect(displayWidth(text)).toBe(width)
})

test.for<[text: string, width: number, cut: string]>([
  ['code-reviewer', 13, 'code-reviewer'],
  ['code-reviewer', 6, 'code-…'],
  ['翻訳者', 4, '翻…'],
  ['👩‍💻👩‍💻', 3, '👩‍💻…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%s in %d columns is %s', ([text, width, cut]) => {
  expect(truncateToWidth(text, width)).toBe(cut)
})

test('cut and padded text fills the width exactly, or misses it by half a wide character', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (value, width) => {
      expect(displayWidth(truncateToWidth(value, width))).toBeLessThanOrEqual(width)
      expect(displayWidth(padToWidth(truncateToWidth(value, width), width, 'left'))).toBe(width)
    }),
    { seed: SEED, numRuns: 500 },
  )
})

test('characters that are taken for plain ones take one column', () => {
  for (let code = 0x20; code <= 0x2026; code++) {
    const character = String.fromCodePoint(code)
    // With an invisible one beside it, it is looked at closely.
    if (displayWidth(character) === 1) expect(displayWidth(`${character}\u200b`), code.toString(16)).toBe(1)
  }
})
