import {
  TypeError as CelTypeError,
  Environment,
  EvaluationError,
  ParseError,
  type ParseResult,
} from '@marcbachmann/cel-js'
import type { LedgerLine } from '../model/assessment.ts'
import { type Doubled, withDoubles } from './expression-doubles.ts'
import { hasNestedLoops, suggestionFor, unknownNameIn } from './expression-names.ts'
import { problemText, typeText } from './expression-problem.ts'
import { oncePer } from './once-per.ts'
import type { SessionFacts } from './session-facts.ts'
import { mapsOf, SCALARS, type Vocabulary } from './vocabulary.ts'

/** The part of a ledger line that an expression reads; the comparison is there once it was made. */
export type ExpressionLine = SessionFacts &
  Pick<LedgerLine, 'kpis'> &
  Partial<Pick<LedgerLine, 'baselines' | 'std_devs' | 'deviations'>>

export type Evaluated<T> = { readonly value: T } | { readonly absent: string }

/** A checked CEL expression. `evaluate` never throws. */
export interface Expression<T> {
  readonly source: string
  evaluate(line: ExpressionLine): Evaluated<T>
}

/** `problem`: what is wrong with it, in one line. */
export type Compiled<T> = { readonly expression: Expression<T> } | { readonly problem: string }

const MAX_LENGTH = 1000
const LIMITS = { maxAstNodes: 200, maxDepth: 24, maxListElements: 50, maxMapEntries: 50, maxCallArguments: 8 }

/** Checks an expression that gives a number. A result that is not finite (a division by 0) is absent. */
export function compileNumber(source: string, vocabulary: Vocabulary): Compiled<number> {
  return compile(source, vocabulary, { expected: 'a number', types: ['double', 'int'], read: finiteNumber })
}

/** Checks an expression that is true or false. */
export function compileCondition(source: string, vocabulary: Vocabulary): Compiled<boolean> {
  return compile(source, vocabulary, { expected: 'true or false', types: ['bool'], read: truth })
}

interface Result<T> {
  readonly expected: string
  /** CEL types that it may have. */
  readonly types: readonly string[]
  readonly read: (value: unknown) => Evaluated<T>
}

function compile<T>(source: string, vocabulary: Vocabulary, result: Result<T>): Compiled<T> {
  if (source.trim() === '') return { problem: 'expected a CEL expression, found an empty text' }
  if (source.length > MAX_LENGTH) {
    return { problem: `expected at most ${MAX_LENGTH} characters, found ${source.length}` }
  }
  const environment = createEnvironment(vocabulary)
  const written = parse(environment, source)
  if ('problem' in written) return written

  const unknown = unknownNameIn(written.program.ast, vocabulary)
  if (unknown !== undefined) return { problem: unknown }
  if (hasNestedLoops(written.program.ast)) return { problem: 'expected no loop inside a loop, found one' }

  const doubled = withDoubles(source, written.program.ast)
  const checked = parse(environment, doubled.text)
  if ('problem' in checked) return checked
  const problem = typeProblem(checked.program, doubled, vocabulary, result)
  if (problem !== undefined) return { problem }
  return { expression: { source, evaluate: (line) => evaluate(checked.program, line, result.read) } }
}

function createEnvironment(vocabulary: Vocabulary): Environment {
  const environment = new Environment({ limits: LIMITS })
  for (const [name, { type }] of Object.entries(SCALARS)) environment.registerVariable(name, type)
  for (const name of Object.keys(mapsOf(vocabulary))) environment.registerVariable(name, 'map<string, double>')
  return environment.registerVariable('tools', 'map<string, map<string, double>>')
}

function parse(
  environment: Environment,
  text: string,
): { readonly program: ParseResult } | { readonly problem: string } {
  try {
    return { program: environment.parse(text) }
  } catch (error) {
    if (!(error instanceof ParseError)) return { problem: String(error) }
    return { problem: `${problemText(error)} at column ${(error.range?.start ?? 0) + 1}` }
  }
}

function typeProblem<T>(
  program: ParseResult,
  doubled: Doubled,
  vocabulary: Vocabulary,
  { expected, types }: Result<T>,
): string | undefined {
  const { type, error } = program.check()
  if (error === undefined) {
    return type !== undefined && types.includes(type)
      ? undefined
      : `expected ${expected}, found ${typeText(type ?? 'nothing')}`
  }
  if (!(error instanceof CelTypeError)) return error.message
  const { start, end } = error.range ?? { start: 0, end: 0 }
  const name = doubled.text.slice(start, end)
  const suggestion = error.code === 'unknown_variable' ? suggestionFor(name, vocabulary) : ''
  return `${problemText(error)} at column ${doubled.writtenPosition(start) + 1}${suggestion}`
}

// Many rules are asked about the same line.
const contextOf = oncePer(({ agent_version, model, ...rest }: ExpressionLine) => ({
  ...rest,
  // A null would be a value of another type; what is left out is absent.
  ...(agent_version === null ? {} : { agent_version }),
  ...(model === null ? {} : { model }),
}))

function evaluate<T>(program: ParseResult, line: ExpressionLine, read: Result<T>['read']): Evaluated<T> {
  try {
    return read(program(contextOf(line)))
  } catch (error) {
    return { absent: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof EvaluationError)) return 'evaluating it failed'
  const { code, node, summary } = error
  if (node?.input === undefined || (code !== 'no_such_key' && code !== 'unknown_variable')) return summary
  return `${node.input.slice(node.start, node.end)} is not known for this session`
}

function finiteNumber(value: unknown): Evaluated<number> {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return { value: number }
  return { absent: number === undefined ? 'it has no value' : `its value is ${String(number)}, not a finite number` }
}

function truth(value: unknown): Evaluated<boolean> {
  return typeof value === 'boolean' ? { value } : { absent: 'its value is neither true nor false' }
}
