import { expect, test } from 'vitest'
import { escapeMarkdown, markdownTable } from './markdown.ts'

test.for<[text: string, escaped: string]>([
  ['code-reviewer', 'code-reviewer'],
  ['snake_case_name', 'snake_case_name'],
  ['mcp__server__tool', 'mcp__server__tool'],
  ['__strong__', '\\_\\_strong\\_\\_'],
  ['_emphasis_', '\\_emphasis\\_'],
  ['a|b', 'a\\|b'],
  ['a\\|b', 'a\\\\\\|b'],
  ['two\nlines\r\n', 'two lines'],
  ['`x` *y* ~z~ [l](u)', '\\`x\\` \\*y\\* \\~z\\~ \\[l\\](u)'],
  ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
  ['\u001b[31mred', '\\[31mred'],
  ['翻訳者 😀', '翻訳者 😀'],
])('%j is written %j', ([text, escaped]) => {
  expect(escapeMarkdown(text)).toBe(escaped)
})

test('a very long text is cut between characters', () => {
  const escaped = escapeMarkdown('😀'.repeat(400))
  expect([...escaped]).toHaveLength(301)
  expect(escaped).toMatch(/^😀+…$/u)
})

test('a table is aligned by what the eye sees, and missing cells are empty', () => {
  const table = markdownTable(
    [
      { header: 'Agent', align: 'left' },
      { header: 'n', align: 'right' },
    ],
    [['翻訳者', '1'], ['code-reviewer', '1,200'], ['?']],
  )
  expect(table).toBe(
    [
      '| Agent         |     n |',
      '|:--------------|------:|',
      '| 翻訳者        |     1 |',
      '| code-reviewer | 1,200 |',
      '| ?             |       |',
    ].join('\n'),
  )
})
