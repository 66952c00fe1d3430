// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import { expect, test } from 'vitest'
import * as z from 'zod'
import { expandTree } from './expand-tree.ts'
import { parseBody } from './parse-body.ts'
import { parseSource } from './yaml-source.ts'

const ENV = { HOME: '/h', NUMBER: '9e4', SHORT: '7', WORD: 'hunter2hunter2', ON: 'true', EMPTY: '' }

test.for<[name: string, schema: z.ZodType, body: string, value: unknown]>([
  ['a number where a number is wanted', z.number(), '"${env:NUMBER}"', 90_000],
  ['text where text is wanted', z.string(), '"${env:NUMBER}"', '9e4'],
  [
    'each as its own key wants it',
    z.strictObject({ a: z.number(), b: z.string(), c: z.boolean() }),
    '{ a: "${env:SHORT}", b: "${env:SHORT}", c: "${env:ON}" }',
    { a: 7, b: '7', c: true },
  ],
  ['text in a list', z.array(z.string()), '["${env:SHORT}", x]', ['7', 'x']],
  [
    'text in an alternative',
    z.union([z.literal('off'), z.strictObject({ x: z.string() })]),
    '{ x: "${env:SHORT}" }',
    { x: '7' },
  ],
  ['an empty text where text is wanted', z.strictObject({ a: z.string() }), '{ a: "${env:EMPTY}" }', { a: '' }],
  ['an empty default where text is wanted', z.strictObject({ a: z.string() }), '{ a: "${env:NOPE:-}" }', { a: '' }],
  [
    'an optional value that may also be text',
    z.strictObject({ a: z.union([z.number(), z.string()]) }),
    '{ a: "${env:SHORT}" }',
    { a: 7 },
  ],
  [
    'typed values that only a check of the whole refuses',
    z.strictObject({ a: z.union([z.number(), z.string()]) }).refine(({ a }) => typeof a === 'string'),
    '{ a: "${env:SHORT}" }',
    { a: '7' },
  ],
])('a value from the environment is read as %s', ([, schema, body, value]) => {
  expect(parse(schema, body)).toEqual({ value })
})

test.for<[name: string, schema: z.ZodType, body: string, message: string]>([
  ['too big', z.number().max(10), '"${env:NUMBER}"', 'expected at most 10, got a value from ${env:NUMBER}'],
  ['neither', z.boolean(), '"${env:NUMBER}"', 'expected true or false, got a value from ${env:NUMBER}'],
  [
    'quoted by the schema',
    z.string().refine(() => false, { error: ({ input }) => `no ${input}, "${input}"` }),
    'x${env:WORD}',
    'no a value from ${env:WORD}, a value from ${env:WORD}',
  ],
  [
    'quoted as it was read',
    z.number().refine(() => false, { error: ({ input }) => `no ${input}` }),
    '"${env:NUMBER}"',
    'no a value from ${env:NUMBER}',
  ],
  [
    'short and quoted',
    z.number().refine(() => false, { error: ({ input }) => `got ${input} of 17` }),
    '"${env:SHORT}"',
    'got a value from ${env:SHORT} of 17',
  ],
  [
    'a secret in the file',
    z.strictObject({ token: z.string().refine(() => false, { error: ({ input }) => `no ${input}` }) }),
    '{ token: hunter2 }',
    'no [REDACTED]',
  ],
  ['a long text', z.number(), 'y'.repeat(100), `expected a number, got "${'y'.repeat(60)}…"`],
])('what is wrong is told without its value: %s', ([, schema, body, message]) => {
  const result = parse(schema, body)
  expect('problems' in result && result.problems.map((problem) => problem.message)).toEqual([message])
})

test.for<[name: string, schema: z.ZodType, body: string, message: string]>([
  ['an exact value', z.literal('a'), 'b', 'expected a, got "b"'],
  ['a bound that is not in the range', z.number().gt(1), '1', 'expected more than 1, got 1'],
  ['a lower bound', z.number().min(1), '0', 'expected at least 1, got 0'],
  ['an upper bound', z.number().lt(1), '1', 'expected less than 1, got 1'],
  ['a whole number', z.int(), '1.5', 'expected a whole number, got 1.5'],
  ['a multiple', z.int().multipleOf(5), '7', 'expected a multiple of 5, got 7'],
  ['a shortest text', z.string().min(3), 'ab', 'expected at least 3 characters, got 2'],
  ['a text at all', z.string().min(1), '""', 'expected at least 1 character, got no characters'],
  ['a shortest list', z.array(z.int()).min(1), '[]', 'expected at least 1 item, got no items'],
  ['a pattern', z.string().regex(/^a/), 'b', 'expected text that matches /^a/, got "b"'],
  ['a URL', z.url(), 'nope', 'expected a URL such as http://127.0.0.1:4318, got "nope"'],
  [
    'a known key',
    z.partialRecord(z.enum(['alpha', 'beta']), z.int()),
    '{ alhpa: 1 }',
    'expected one of alpha, beta, got "alhpa" (did you mean alpha?)',
  ],
  [
    'a kind',
    z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('a') }), z.strictObject({ kind: z.literal('b') })]),
    '{ kind: c }',
    'expected one of a, b, got "c"',
  ],
  ['no keys', z.strictObject({}), '{ a: 1 }', 'expected no keys, got "a"'],
  ['true or false', z.boolean(), 'yes', 'expected true or false, got "yes"'],
])('what a schema wants is told in plain words: %s', ([, schema, body, message]) => {
  const result = parse(schema, body)
  expect('problems' in result && result.problems.map((problem) => problem.message)).toEqual([message])
})

test('nothing stands for all defaults', () => {
  const schema = z.strictObject({ a: z.int().default(1) })
  expect(parse(schema, '')).toEqual({ value: { a: 1 } })
  expect(parse(schema, '{}')).toEqual({ value: { a: 1 } })
})

function parse(schema: z.ZodType, body: string) {
  const { root } = expandTree(parseSource({ file: 'p.yaml', text: `body: ${body}` }).root, ENV)
  return parseBody(schema, root, ['body'])
}

test.for<[text: string, got: string]>([
  ['nowhere', '"nowhere"'],
  ['12', '12'],
  ['"${env:WORD}"', 'a value from ${env:WORD}'],
  ['ftp://ada:hunter2@host/x', '"ftp://[REDACTED]@host/x"'],
  ['[a]', 'a list'],
])("what was found stands behind an author's words, of %s", ([text, got]) => {
  const url = z.url({ protocol: /^https?$/, error: 'expected a URL' })
  expect(messagesOf(parse(url, text))).toEqual([`expected a URL, got ${got}`])
})

test.for(['expected a URL, got none', 'a URL must be there', 'expected a URL, found something else'])(
  'whole words of an author stay: %s',
  (error) => {
    expect(messagesOf(parse(z.url({ error }), 'nowhere'))).toEqual([error])
  },
)

function messagesOf(parsed: ReturnType<typeof parse>): readonly string[] {
  return 'problems' in parsed ? parsed.problems.map(({ message }) => message) : []
}
