import { isScalar, parseDocument } from 'yaml'
import type { Env } from './config.ts'
import type { Expansion, Scalar } from './node.ts'

interface Reference {
  readonly variable: string
  readonly fallback: readonly Part[] | undefined
}

type Part = string | Reference

/** A text's expansion, its typed value and what is wrong with it. */
export interface Expanded {
  readonly expansion: Expansion
  /** When the text is one `${env:…}` and nothing else: the number, boolean or null that YAML would read; else the text. */
  readonly value: Scalar
  readonly problems: readonly string[]
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const MAX_NESTING = 16

/**
 * Expands `${env:NAME}` and `${env:NAME:-default}` anywhere in a text; `$$` is a literal `$`. As in a shell the default
 * counts when the variable is not set or empty; it may contain references itself. Values are not expanded again.
 *
 * @returns `undefined` when the text has nothing to expand
 */
export function expandText(text: string, env: Env): Expanded | undefined {
  if (!text.includes('${') && !text.includes('$$')) return undefined
  const parser = new TemplateParser(text)
  const parts = parser.parse()
  const problems = [...parser.problems]
  const expansion = problems.length > 0 ? literal(text) : evaluate(parts, env, problems)
  const only = parts.length === 1 && typeof parts[0] === 'object'
  return { expansion, value: only && problems.length === 0 ? typedScalar(expansion.text) : expansion.text, problems }
}

/** What YAML reads an unquoted text as, if that is a number, a boolean or null; else the text itself. */
export function typedScalar(text: string): Scalar {
  if (text.length > 64) return text
  const document = parseDocument(text)
  const { contents } = document
  if (text === '') return null
  if (document.errors.length > 0 || !isScalar(contents) || contents.source !== text) return text
  const { value } = contents
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : text
}

function literal(text: string): Expansion {
  return { text, masked: text, variables: [] }
}

function evaluate(parts: readonly Part[], env: Env, problems: string[]): Expansion {
  let text = ''
  let masked = ''
  const variables: string[] = []
  for (const part of parts) {
    const piece = typeof part === 'string' ? literal(part) : evaluateReference(part, env, problems)
    text += piece.text
    masked += piece.masked
    variables.push(...piece.variables.filter((name) => !variables.includes(name)))
  }
  return { text, masked, variables }
}

function evaluateReference({ variable, fallback }: Reference, env: Env, problems: string[]): Expansion {
  const value = env[variable]
  const masked = `\${env:${variable}}`
  if (value !== undefined && (value !== '' || fallback === undefined)) {
    return { text: value, masked, variables: [variable] }
  }
  if (fallback !== undefined) return evaluate(fallback, env, problems)
  problems.push(
    `expected the environment variable ${variable} to be set, got nothing: set it or write \${env:${variable}:-default}`,
  )
  return { text: masked, masked, variables: [] }
}

class TemplateParser {
  readonly problems: string[] = []
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): readonly Part[] {
    return this.#parts(0)
  }

  /** Reads up to the end, or inside a reference up to its `}`. */
  #parts(nesting: number): readonly Part[] {
    const parts: Part[] = []
    let plain = ''
    while (this.#at < this.#text.length) {
      const two = this.#text.slice(this.#at, this.#at + 2)
      if (nesting > 0 && two.startsWith('}')) break
      if (two === '${') {
        if (plain !== '') parts.push(plain)
        plain = ''
        const reference = this.#reference(nesting)
        if (reference === undefined) return parts
        parts.push(reference)
        continue
      }
      plain += two === '$$' ? '$' : two.charAt(0)
      this.#at += two === '$$' ? 2 : 1
    }
    if (plain !== '') parts.push(plain)
    return parts
  }

  #reference(nesting: number): Reference | undefined {
    this.#at += 2
    const [head = ''] = /^[^}$]*?(?=:-|\}|\$|$)/s.exec(this.#text.slice(this.#at)) ?? []
    this.#at += head.length
    const colon = head.indexOf(':')
    const scheme = colon === -1 ? undefined : head.slice(0, colon)
    const variable = head.slice(colon + 1)
    const problem =
      nesting >= MAX_NESTING
        ? `at most ${MAX_NESTING} references inside each other, got more`
        : headProblem(scheme, variable)
    if (problem !== undefined) return this.#fail(`expected ${problem}`)
    const hasFallback = this.#text.startsWith(':-', this.#at)
    if (hasFallback) this.#at += 2
    const fallback = hasFallback ? this.#parts(nesting + 1) : undefined
    if (this.problems.length > 0) return undefined
    if (this.#text[this.#at] !== '}') return this.#fail(`expected a } that closes \${env:${variable}, got none`)
    this.#at += 1
    return { variable, fallback }
  }

  #fail(problem: string): undefined {
    this.problems.push(problem)
    // The rest cannot be told apart from the mistake.
    this.#at = this.#text.length
  }
}

function headProblem(scheme: string | undefined, variable: string): string | undefined {
  const shown = variable.slice(0, 40)
  if (scheme === undefined) {
    return VARIABLE.test(variable)
      ? `\${env:NAME} or $$ for a literal $, got \${${shown}} (did you mean \${env:${shown}}?)`
      : `\${env:NAME} or $$ for a literal $, got \${ without env:`
  }
  if (scheme !== 'env') return `\${env:NAME}, the only scheme, got \${${scheme.slice(0, 40)}:…}`
  if (variable === '') return `the name of an environment variable in \${env:NAME}, got nothing`
  return VARIABLE.test(variable)
    ? undefined
    : `a name of letters, digits and _ in \${env:NAME}, got ${JSON.stringify(shown)}`
}
