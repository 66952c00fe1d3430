import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { displayWidth } from '../report/display-width.ts'
import { type Cell, type Column, renderTable, tableStyle } from './table.ts'

const SEED = 20_260_215
const PLAIN = { width: 40, colours: false }

const COLUMNS: readonly Column[] = [
  { header: 'Agent type', minWidth: 8 },
  { header: 'Sessions', align: 'right' },
  { header: 'Model', priority: 2 },
  { header: 'Overhead', align: 'right', priority: 1 },
]

test('numbers stand on the right, and nothing follows the last column', () => {
  const rows = [
    ['reviewer', '12', 'opus', '0.42'],
    ['a', '1,200', 'haiku', '11.90'],
  ]
  expect(renderTable(COLUMNS, rows, PLAIN)).toBe(
    [
      'Agent type  Sessions  Model  Overhead',
      'reviewer          12  opus       0.42',
      'a              1,200  haiku     11.90',
      '',
    ].join('\n'),
  )
})

test('a long cell is cut before a column is left out', () => {
  const table = renderTable(COLUMNS, [['webscraping-research-analyst', '1', 'opus', '0.42']], PLAIN)
  expect(table).toBe('Agent type     Sessions  Model  Overhead\nwebscraping-…         1  opus       0.42\n')
})

test('where cutting does not suffice the least important columns are left out', () => {
  const row = ['webscraping-research-analyst', '1', 'claude-opus-4-6-with-a-long-name', '0.42']
  expect(renderTable(COLUMNS, [row], { width: 32, colours: false })).toBe(
    'Agent type    Sessions  Overhead\nwebscraping…         1      0.42\n',
  )
  expect(renderTable(COLUMNS, [row], { width: 20, colours: false })).toBe(
    'Agent type  Sessions\nwebscrapi…         1\n',
  )
})

test('wide characters do not break the alignment', () => {
  const rows = [
    ['翻訳エージェント', '1'],
    ['👩‍💻 reviewer', '22'],
    ['plain', '333'],
  ]
  const lines = renderTable(COLUMNS.slice(0, 2), rows, PLAIN).trimEnd().split('\n')
  expect(new Set(lines.map(displayWidth))).toEqual(new Set([26]))
})

test('a cell cannot move the cursor or add a line', () => {
  const table = renderTable([{ header: 'x' }], [['\u001b[2Ja\nb']], PLAIN)
  expect(table).toBe('x\n[2Ja b\n')
})

test('missing cells are empty', () => {
  expect(renderTable(COLUMNS, [['a']], PLAIN)).toBe('Agent type  Sessions  Model  Overhead\na\n')
})

test('colours are added without changing the layout', () => {
  const cells: Cell[][] = [[{ text: 'CRITICAL', style: 'red' }, '1']]
  const columns: Column[] = [{ header: 'Status' }, { header: 'n', align: 'right' }]
  const coloured = renderTable(columns, cells, { width: 40, colours: true })
  expect(coloured).toContain('\u001b[31mCRITICAL\u001b[39m')
  expect(stripVTControlCharacters(coloured)).toBe(renderTable(columns, cells, PLAIN))
})

describe('the style of an output', () => {
  const output = (isTTY: boolean, columns?: number) => ({
    write() {},
    isTTY,
    ...(columns === undefined ? {} : { columns }),
  })
  test.for<{
    name: string
    isTTY: boolean
    columns?: number
    env?: Record<string, string>
    width: number
    colours: boolean
  }>([
    { name: 'a pipe', isTTY: false, columns: 200, width: 80, colours: false },
    { name: 'a terminal', isTTY: true, columns: 100, width: 100, colours: true },
    { name: 'a terminal of unknown width', isTTY: true, width: 80, colours: true },
    { name: 'a very wide terminal', isTTY: true, columns: 400, width: 120, colours: true },
    { name: 'a tiny terminal', isTTY: true, columns: 3, width: 20, colours: true },
    { name: 'NO_COLOR', isTTY: true, columns: 100, env: { NO_COLOR: '1' }, width: 100, colours: false },
    { name: 'an empty NO_COLOR', isTTY: true, columns: 100, env: { NO_COLOR: '' }, width: 100, colours: true },
    { name: 'a dumb terminal', isTTY: true, columns: 100, env: { TERM: 'dumb' }, width: 100, colours: false },
  ])('$name', ({ isTTY, columns, env = {}, width, colours }) => {
    expect(tableStyle(output(isTTY, columns), env)).toEqual({ width, colours })
  })
})

test('no table is wider than its style, whatever its cells hold', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 60 })
  const rows = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 5 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 20, max: 120 }), (cells, width) => {
      for (const line of renderTable(COLUMNS, cells, { width, colours: false }).split('\n')) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width)
      }
    }),
    { seed: SEED, numRuns: 300 },
  )
})
