import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { displayWidth } from '../report/display-width.ts'
import { alert, edgarNadyneLine, ledgerLine } from '../report/ledger-line.fixture.ts'
import { verdictsText } from './verdicts.ts'

const PLAIN = { stdout: { write() {} }, env: {} }

test('each session has its alerts and suggestions, the worst first; sessions without any are left out', () => {
  const text = verdictsText([ledgerLine(), edgarNadyneLine()], 5, PLAIN)
  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    '02-12 translation-agent d1d142a6',
    '  CRITICAL  Tool Overhead 1.73, usually 0.42: far worse than any usual session',
    '  CRITICAL  Active Time Ratio 0.09, usually 0.68: far worse than any usual sess…',
    '  CRITICAL  Task Completion 0.80, usually 0.96: far worse than any usual session',
    '  CRITICAL  Token Efficiency 0.0010, usually 0.0480: far worse than any usual s…',
    '  CRITICAL  try: Use background agents for independent work units',
    '  HIGH      try: Batch task operations to reduce overhead',
    '',
  ])
})

test('no line is wider than the terminal, whatever telemetry says', () => {
  const hostile = '\u001b[2J\u202E翻訳エージェント '.repeat(20)
  const line = ledgerLine({ agent_type: hostile, session_id: hostile, alerts: [alert({ message: hostile })] })
  for (const row of verdictsText([line], 1, PLAIN).split('\n')) expect(displayWidth(row)).toBeLessThanOrEqual(80)
  expect(verdictsText([line], 1, PLAIN)).not.toContain('\u001b[2J')
})

test('on a terminal severities have colours, and what is left out is counted', () => {
  const terminal = { stdout: { write() {}, isTTY: true, columns: 100 }, env: {} }
  const text = verdictsText([edgarNadyneLine(), edgarNadyneLine(), edgarNadyneLine()], 1, terminal)
  expect(text).toContain('\u001b[31mCRITICAL')
  expect(stripVTControlCharacters(text)).toMatch(/\nand 2 sessions more\n$/)
})

test('nothing to tell is an empty text', () => {
  expect(verdictsText([ledgerLine({ alerts: [alert({ severity: 'INFO' })] })], 5, PLAIN)).toBe('')
})
