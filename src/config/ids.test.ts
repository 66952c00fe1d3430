import { expect, test } from 'vitest'
import { parseId } from './ids.ts'

test.for<[id: string, parsed: object]>([
  ['otlp', { type: 'otlp' }],
  ['jsonl_file/second', { type: 'jsonl_file', name: 'second' }],
  ['a1_/x/y', { type: 'a1_', name: 'x/y' }],
  [`otlp/${'n'.repeat(1024)}`, { type: 'otlp', name: 'n'.repeat(1024) }],
  [`a${'b'.repeat(62)}`, { type: `a${'b'.repeat(62)}` }],
])('%s is an id', ([id, parsed]) => {
  expect(parseId(id)).toEqual(parsed)
})

test.for<[id: string, problem: RegExp]>([
  ['Otlp', /^expected an id such as otlp .*, got "Otlp"$/],
  ['1otlp', /got "1otlp"$/],
  ['otlp-x', /got "otlp-x"$/],
  [`a${'b'.repeat(63)}`, /at most 63 characters/],
  ['', /got ""$/],
  ['otlp/', /^expected a name of 1 to 1024 characters without spaces, got nothing$/],
  ['otlp/a b', /got "a b"$/],
  ['otlp/a\u0007', /got "a\\u0007"$/],
  [`otlp/${'n'.repeat(1025)}`, /got 1025 characters$/],
])('%s is no id', ([id, problem]) => {
  expect(parseId(id).problem).toMatch(problem)
})
