// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expandText, typedScalar } from './expand.ts'

const ENV = {
  HOME: '/home/ada',
  PORT: '4318',
  ON: 'true',
  EMPTY: '',
  PRICE: '$5 ${env:HOME}',
  TILDE: '~',
  PAIR: 'a: b',
}

test.for<[text: string, value: unknown]>([
  ['${env:HOME}', '/home/ada'],
  ['${env:HOME}/.claude', '/home/ada/.claude'],
  ['http://x:${env:PORT}/${env:HOME}', 'http://x:4318//home/ada'],
  ['${env:PORT}', 4318],
  ['${env:ON}', true],
  ['${env:TILDE}', null],
  ['${env:EMPTY}', null],
  ['${env:PAIR}', 'a: b'],
  ['x${env:PORT}', 'x4318'],
  ['${env:NOPE:-30m}', '30m'],
  ['${env:NOPE:-}', null],
  ['${env:NOPE:-8}', 8],
  ['${env:EMPTY:-filled}', 'filled'],
  ['${env:PORT:-1}', 4318],
  ['${env:NOPE:-${env:HOME}/x}', '/home/ada/x'],
  ['${env:NOPE:-${env:NEITHER:-${env:PORT}}}/y', '4318/y'],
  ['${env:HOME:-${env:NOPE}}', '/home/ada'],
  ['${env:NOPE:-a:-b}', 'a:-b'],
  ['$${env:HOME}', '${env:HOME}'],
  ['cost $$5', 'cost $5'],
  ['$$$${env:X}', '$${env:X}'],
  ['${env:PRICE}', '$5 ${env:HOME}'],
  ['${env:HOME}/{a,b}-*.jsonl', '/home/ada/{a,b}-*.jsonl'],
])('%s becomes %j', ([text, value]) => {
  const expanded = expandText(text, ENV)
  expect(expanded?.problems).toEqual([])
  expect(expanded?.value).toBe(value)
})

test.for(['plain', 'a $ alone', '^end$', '{a}', ''])('%j has nothing to expand', (text) => {
  expect(expandText(text, ENV)).toBeUndefined()
})

test.for<[text: string, problem: string]>([
  [
    '${env:NOPE}',
    'expected the environment variable NOPE to be set, got nothing: set it or write ${env:NOPE:-default}',
  ],
  ['${env:}', 'expected the name of an environment variable in ${env:NAME}, got nothing'],
  ['${env:A B}', 'expected a name of letters, digits and _ in ${env:NAME}, got "A B"'],
  ['${env:1A}', 'expected a name of letters, digits and _ in ${env:NAME}, got "1A"'],
  ['x ${env:HOME', 'expected a } that closes ${env:HOME, got none'],
  ['${env:HOME:-x', 'expected a } that closes ${env:HOME, got none'],
  ['${HOME}', 'expected ${env:NAME} or $$ for a literal $, got ${HOME} (did you mean ${env:HOME}?)'],
  ['${}', 'expected ${env:NAME} or $$ for a literal $, got ${ without env:'],
  ['${file:x.yaml}', 'expected ${env:NAME}, the only scheme, got ${file:…}'],
  ['${env:A:-${file:x}}', 'expected ${env:NAME}, the only scheme, got ${file:…}'],
])('%s is a problem', ([text, problem]) => {
  expect(expandText(text, ENV)?.problems).toEqual([problem])
})

test('all missing variables of a text are told', () => {
  expect(expandText('${env:A}-${env:B}', {})?.problems).toHaveLength(2)
})

test('deep nesting is a problem, not an exception', () => {
  const deep = `${'${env:A:-'.repeat(5000)}x${'}'.repeat(5000)}`
  expect(expandText(deep, {})?.problems).toEqual(['expected at most 16 references inside each other, got more'])
})

test('what may be shown names the variables in place of their values', () => {
  expect(expandText('${env:NOPE:-${env:HOME}/x}/$$/${env:NOPE:-d}', ENV)?.expansion).toEqual({
    text: '/home/ada/x/$/d',
    masked: '${env:HOME}/x/$/d',
    variables: ['HOME'],
  })
})

test('any text expands without an exception, and texts without $ stay as they are', () => {
  const piece = fc.constantFrom('$', '{', '}', 'env:', ':-', 'A', '${env:A}', 'x', '$$')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const expanded = expandText(text, { A: 'value' })
      if (expanded === undefined) expect(text).not.toContain('${')
      else if (expanded.problems.length === 0) expect(expanded.expansion.masked).not.toContain('value')
    }),
    { seed: 20261120 },
  )
})

test.for<[text: string, value: unknown]>([
  ['1e3', 1000],
  ['0x10', 16],
  ['-1.5', -1.5],
  ['False', false],
  ['null', null],
  ['yes', 'yes'],
  ['"1"', '"1"'],
  ['5 # five', '5 # five'],
  ['[1]', '[1]'],
  ['*alias', '*alias'],
  ['!!int 5', '!!int 5'],
  ['@x', '@x'],
])('%s is read as %j', ([text, value]) => {
  expect(typedScalar(text)).toBe(value)
})
