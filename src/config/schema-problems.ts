import * as z from 'zod'
import { didYouMean, nearest } from './did-you-mean.ts'
import { type ConfigNode, locate, locateKey, nodeAt, type Path } from './node.ts'
import type { Problem } from './problem.ts'
import { describeFound, mayQuote, scrub } from './secret.ts'

export type SchemaIssue = z.core.$ZodIssue

// Tells messages that nobody wrote from those of the schema's author; known keys travel behind it.
const UNWRITTEN = '\u0000'

/** The error map to parse with: it leaves the messages of a schema's author alone. */
export function markUnwritten({ inst }: z.core.$ZodRawIssue): string {
  return UNWRITTEN + knownKeys(inst).join('\n')
}

function knownKeys(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  return schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : []
}

/** Rewrites what a schema found, parsed with {@link markUnwritten}, in plain words: expected, got, did you mean. */
export function schemaProblems(issues: readonly SchemaIssue[], root: ConfigNode, base: Path): readonly Problem[] {
  return issues.flatMap((issue) => rewrite(issue, root, [...base, ...steps(issue.path)]))
}

function rewrite(issue: SchemaIssue, root: ConfigNode, path: Path): readonly Problem[] {
  const location = locate(root, path)
  if (!issue.message.startsWith(UNWRITTEN))
    return [{ location, path, message: writtenMessage(issue.message, root, path) }]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, issue, root, path))
  if (issue.code === 'invalid_union') return rewriteUnion(issue, root, path)
  if (issue.code === 'invalid_key') return [invalidKey(issue, root, path)]
  if (issue.code === 'invalid_element') return schemaProblems(issue.issues, root, path)
  const message = `expected ${expectation(issue)}, got ${foundFor(issue, root, path)}${suggestion(issue, root, path)}`
  return [{ location, path, message, ...missingAt(root, path) }]
}

/** A message of a schema's author, with what was found where they say only what they expect. */
function writtenMessage(message: string, root: ConfigNode, path: Path): string {
  const found =
    / (?:got|found) /.test(message) || !message.startsWith('expected ') ? '' : `, got ${describeFound(root, path)}`
  return scrub(message, root, path) + found
}

function unknownKey(key: string, issue: SchemaIssue, root: ConfigNode, parent: Path): Problem {
  const path = [...parent, key]
  const known = issue.message.slice(UNWRITTEN.length).split('\n').filter(Boolean)
  const expected = known.length === 0 ? 'no keys' : oneOf(known)
  const message = `expected ${expected}, got ${JSON.stringify(key)}${didYouMean(key, known)}`
  const word = nearest(key, known)
  const meant = word === undefined ? {} : { meant: [...parent, word] }
  return { location: locateKey(root, path), path, message, ...meant }
}

function invalidKey(issue: z.core.$ZodIssueInvalidKey, root: ConfigNode, path: Path): Problem {
  const location = locateKey(root, path)
  const first = issue.issues[0]
  const key = String(path.at(-1))
  if (first !== undefined && !first.message.startsWith(UNWRITTEN)) return { location, path, message: first.message }
  const known = first?.code === 'invalid_value' ? first.values.map(String) : []
  const expected = first === undefined ? 'another key' : `${expectation(first)} as key`
  return { location, path, message: `expected ${expected}, got ${JSON.stringify(key)}${didYouMean(key, known)}` }
}

// Tells what is wrong in the alternative that fits best, or what all alternatives are when none begins to fit.
function rewriteUnion(issue: z.core.$ZodIssueInvalidUnion, root: ConfigNode, path: Path): readonly Problem[] {
  const fitting = issue.errors.filter((branch) => !branch.some(isAboutWhole))
  const best = fitting.toSorted((a, b) => a.length - b.length)[0]
  if (best !== undefined) return best.flatMap((inner) => rewrite(inner, root, [...path, ...steps(inner.path)]))
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
  const alternatives = issue.errors.flatMap((branch) => branch.filter(isAboutWhole).slice(0, 1))
  const written = alternatives.find(({ message }) => !message.startsWith(UNWRITTEN))
  const expected = options.length > 0 ? oneOf(options) : [...new Set(alternatives.map(expectation))].join(' or ')
  const words = alternatives.flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : options))
  const guess = guessAt(root, path, words.length > 0 ? words : options)
  const message =
    written === undefined
      ? `expected ${expected || 'another value'}, got ${describeFound(root, path)}${guess}`
      : writtenMessage(written.message, root, path)
  return [{ location: locate(root, path), path, message, ...missingAt(root, path) }]
}

function missingAt(root: ConfigNode, path: Path): Pick<Problem, 'missing'> {
  return nodeAt(root, path) === undefined ? { missing: path } : {}
}

function isAboutWhole(issue: SchemaIssue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys' && issue.code !== 'custom'
}

function expectation(issue: SchemaIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? `a ${issue.expected}`
    case 'invalid_value':
      return oneOf(issue.values.map(String))
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'invalid_format':
      return (
        FORMAT_WORDS[issue.format] ??
        (issue.pattern === undefined ? `a valid ${issue.format}` : `text that matches ${issue.pattern}`)
      )
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`
    default:
      return 'another value'
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  const unit = UNIT_WORDS[origin]
  return unit === undefined ? `${relation} ${limit}` : `${relation} ${limit} ${limit === 1 ? unit.one : unit.many}`
}

function foundFor(issue: SchemaIssue, root: ConfigNode, path: Path): string {
  const node = nodeAt(root, path)
  const unit = issue.code === 'too_small' || issue.code === 'too_big' ? UNIT_WORDS[issue.origin] : undefined
  if (unit === undefined || node === undefined) return describeFound(root, path)
  const count =
    node.kind === 'list' ? node.items.length : node.kind === 'map' ? node.entries.size : String(node.value).length
  return count === 0 ? `no ${unit.many}` : `${count}`
}

function suggestion(issue: SchemaIssue, root: ConfigNode, path: Path): string {
  return issue.code === 'invalid_value' ? guessAt(root, path, issue.values.map(String)) : ''
}

function guessAt(root: ConfigNode, path: Path, words: readonly string[]): string {
  const node = nodeAt(root, path)
  return node?.kind === 'scalar' && mayQuote(root, path) ? didYouMean(String(node.value), words) : ''
}

/** `a` or `one of a, b`. */
export function oneOf(words: readonly string[]): string {
  return words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`
}

function steps(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === 'number' ? step : String(step)))
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  set: 'a list',
  object: 'a map',
  record: 'a map',
  map: 'a map',
  null: 'nothing',
  undefined: 'nothing',
  never: 'nothing',
}

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  url: 'a URL such as http://127.0.0.1:4318',
  email: 'an e-mail address',
  datetime: 'a time such as 2026-11-20T12:00:00Z',
  date: 'a date such as 2026-11-20',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
}

const UNIT_WORDS: Readonly<Record<string, { readonly one: string; readonly many: string }>> = {
  string: { one: 'character', many: 'characters' },
  array: { one: 'item', many: 'items' },
  set: { one: 'item', many: 'items' },
  object: { one: 'entry', many: 'entries' },
  map: { one: 'entry', many: 'entries' },
  record: { one: 'entry', many: 'entries' },
}
