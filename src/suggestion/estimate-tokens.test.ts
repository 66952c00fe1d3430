import { expect, test } from 'vitest'
import { estimateTokens } from './estimate-tokens.ts'

test.for<[text: string, tokens: number]>([
  ['', 0],
  ['Create all tasks together', 6],
  ['1234567', 3],
  ['a.b', 3],
  ['### **', 2],
  ['-'.repeat(4000), 1000],
  ['a\nb', 3],
  ['只读取一次', 8],
  ['ソース', 5],
  ['Привет', 6],
  ['🧪🧪', 4],
])('%j is about %d tokens', ([text, tokens]) => {
  expect(estimateTokens(text)).toBe(tokens)
})

test('of scripts without spaces it has at least as many tokens as characters', () => {
  for (const text of ['使用缓存中的前缀', 'ファイルを読む', '파일을 읽습니다', 'อ่านไฟล์', 'स्रोत पढ़ें'])
    expect(estimateTokens(text)).toBeGreaterThanOrEqual([...text.replaceAll(' ', '')].length)
})
