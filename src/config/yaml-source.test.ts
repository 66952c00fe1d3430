// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { locate, locateKey, toValue } from './node.ts'
import { parseSource } from './yaml-source.ts'

test('values and keys know their place', () => {
  const { root, problems } = parse('receivers:\n  otlp:\n  files:\n    include: [a, "b"]\n')
  expect(problems).toEqual([])
  expect(toValue(root)).toEqual({ receivers: { otlp: null, files: { include: ['a', 'b'] } } })
  expect(locate(root, ['receivers', 'files', 'include', 1])).toEqual({ file: 'p.yaml', line: 4, column: 18 })
  expect(locateKey(root, ['receivers', 'files'])).toEqual({ file: 'p.yaml', line: 3, column: 3 })
  expect(locate(root, ['receivers', 'files', 'missing'])).toEqual({ file: 'p.yaml', line: 3, column: 3 })
  expect(locate(root, ['nowhere', 'at', 'all'])).toEqual({ file: 'p.yaml', line: 1, column: 1 })
})

test.for<[text: string, value: unknown]>([
  ['', {}],
  ['# only a comment\n', {}],
  ['a: &x {b: 1}\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
  ['1: x\ntrue: y', { 1: 'x', true: 'y' }],
  ['a: yes\nb: off\nc: ~\nd: 0x10', { a: 'yes', b: 'off', c: null, d: 16 }],
  ['a: |\n  two\n  lines\n', { a: 'two\nlines\n' }],
  ['a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
])('%j is read', ([text, value]) => {
  const { root, problems, brokenAt } = parse(text)
  expect([problems, brokenAt]).toEqual([[], undefined])
  expect(toValue(root)).toEqual(value)
})

test.for<[text: string, lines: string[]]>([
  ['a: 1\nb: 2\na: 3', ['3:1 a expected each key once, got "a" a second time']],
  [
    'a:\n\tb: 1\n\tc: 1',
    ['2:1  expected spaces as indentation, got a tab', '3:1  expected spaces as indentation, got a tab'],
  ],
  ['- a', ['1:1  expected a map with receivers, processors, exporters and service, got a list']],
  ['text', ['1:1  expected a map with receivers, processors, exporters and service, got a single value']],
  ['a: *x', ['1:4 a expected an anchor &x before *x, got none']],
  ['a: !foo bar', ['1:4  expected no tags, got !foo']],
  ['a: 1\n---\nb: 2', ['2:1  expected one YAML document, got a second one after ---']],
  ['a: {b: ${env:X}}\nc: 1', ['1:9  expected quotes around text with ${…} inside { } or [ ], got none']],
  ['? [a]\n: 1', ['1:3  expected a word as key, got something else']],
  ['a: "x\nb: 2', ['2:5  expected valid YAML, got: Missing closing "quote']],
  ['a: &a [*a]', ['1:8 a[0].0 expected an anchor &a before *a, got one around it']],
])('%j has problems', ([text, lines]) => {
  const shown = parse(text).problems.map(
    ({ location, path, message }) =>
      `${location.line}:${location.column} ${path.join('.').replace('.0', '[0]')} ${message}`,
  )
  expect(shown).toEqual(lines)
})

test('a syntax error does not quote the text that it stumbled over', () => {
  const { problems } = parse('a: {b: 1} hunter2\nc: x')
  expect(problems.length).toBeGreaterThan(0)
  expect(JSON.stringify(problems)).not.toContain('hunter2')
})

test('aliases that would fill the memory are refused', () => {
  const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`)
  const { problems } = parse(['a0: &a0 x', ...levels].join('\n'))
  expect(problems.map(({ message }) => message)).toContain('expected at most 20000 values, at most 100 deep, got more')
})

test('deep nesting is refused', () => {
  const { problems } = parse(`a: ${'['.repeat(3000)}${']'.repeat(3000)}`)
  expect(problems.at(-1)?.message).toBe('expected at most 20000 values, at most 100 deep, got more')
})

test('any text is read without an exception', () => {
  const piece = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a',
    '*a',
    '|',
    '\t',
    '!',
    '#',
    ',',
    '? ',
    '---\n',
    '%',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const { root, problems } = parse(pieces.join(''))
      expect(root.kind).toBe('map')
      for (const { location } of problems) expect(location.line).toBeGreaterThan(0)
    }),
    { seed: 20261120, numRuns: 1000 },
  )
})

function parse(text: string) {
  return parseSource({ file: 'p.yaml', text })
}
