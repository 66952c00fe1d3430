import type { TypeError as CelTypeError, ParseError } from '@marcbachmann/cel-js'

/** Names that the library gives to what can stand in an expression. */
const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'the end',
  NUMBER: 'a number',
  STRING: 'a text',
  BYTES: 'bytes',
  BOOLEAN: 'true or false',
  NULL: 'null',
  IDENTIFIER: 'a name',
  LPAREN: '"("',
  RPAREN: '")"',
  LBRACKET: '"["',
  RBRACKET: '"]"',
  LBRACE: '"{"',
  RBRACE: '"}"',
  DOT: '"."',
  COMMA: '","',
  COLON: '":"',
  QUESTION: '"?"',
  PLUS: '"+"',
  MINUS: '"-"',
  MULTIPLY: '"*"',
  DIVIDE: '"/"',
  MODULO: '"%"',
  EQ: '"=="',
  NE: '"!="',
  LT: '"<"',
  LE: '"<="',
  GT: '">"',
  GE: '">="',
  AND: '"&&"',
  OR: '"||"',
  NOT: '"!"',
  IN: '"in"',
}

const LIMITS: Readonly<Record<string, string>> = {
  maxAstNodes: 'names, numbers and operators',
  maxDepth: 'levels of brackets and calls',
  maxListElements: 'values in a list',
  maxMapEntries: 'entries in a map',
  maxCallArguments: 'arguments of a call',
}

/** How the library says what is wrong, and the same in plain words; `$1` … are the words of the first, with types in plain words. */
const PATTERNS: readonly (readonly [RegExp, (...words: string[]) => string])[] = [
  [/^Unknown variable: (.+)$/, (name) => `${name} is unknown`],
  [/^Unexpected token: (.+)$/, (token) => `expected a value, found ${tokenText(token)}`],
  [/^Expected (\w+), got (\w+)$/, (due, found) => `expected ${tokenText(due)}, found ${tokenText(found)}`],
  [/^Unexpected character: '(.+)'$/s, (found) => `expected an operator or the end, found ${JSON.stringify(found)}`],
  [/^Unexpected character: (.+)$/s, (found) => `found the unexpected character ${JSON.stringify(found)}`],
  [/^Unterminated/, () => 'expected a quote at the end of the text, found none'],
  [/^Invalid (?:number|exponent|hex integer)/, () => 'found a number that cannot be read'],
  [/^Reserved identifier: (.+)$/, (name) => `${name} is a reserved word of CEL`],
  [/^Exceeded (\w+) \((\d+)\)$/, (limit, most) => `expected at most ${most} ${LIMITS[limit] ?? limit}`],
  [/^no such overload: (.+)$/, (operation) => `cannot compute ${typeText(operation)}`],
  [/^found no matching overload for '(.+)'$/, (call) => `there is no function ${typeText(call)}`],
  [
    /^Ternary condition must be bool, got '(.+)'$/,
    (type) => `expected true or false before "?", found ${typeText(type)}`,
  ],
  [
    /^Logical operator requires bool operands, got '(.+)'$/,
    (type) => `expected true or false on both sides of "&&" and "||", found ${typeText(type)}`,
  ],
  [
    /^Ternary branches must have the same type, got '(.+)' and '(.+)'$/,
    (left, right) => `expected the same type on both sides of ":", found ${typeText(left)} and ${typeText(right)}`,
  ],
]

/** What is wrong with an expression, in words that need no knowledge of CEL's own; what is not known stays as it is. */
export function problemText({ summary }: Pick<ParseError | CelTypeError, 'summary'>): string {
  for (const [pattern, say] of PATTERNS) {
    const [found, ...words] = pattern.exec(summary) ?? []
    if (found !== undefined) return say(...words)
  }
  return summary
}

/** Replaces the names of CEL's types in a text by plain words; functions of the same names stay. */
export function typeText(text: string): string {
  return text
    .replaceAll('map<string, map<string, double>>', 'map of tools')
    .replaceAll('map<string, double>', 'map of numbers')
    .replace(/\b(?:double|int|uint)\b(?!\()/g, 'number')
    .replace(/\bstring\b(?!\()/g, 'text')
    .replace(/\bbool\b(?!\()/g, 'boolean')
}

function tokenText(token: string): string {
  return TOKENS[token] ?? token
}
