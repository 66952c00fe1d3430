import { compileCondition, compileNumber, type Expression } from '../kpi/expression.ts'
import type { Vocabulary } from '../kpi/vocabulary.ts'
import type { SuggestionPriority } from '../model/assessment.ts'

/** `standard`: rules compare with the agent type's own baseline. `seed`: with the mission's fixed thresholds. */
export type SuggestionPolicy = 'standard' | 'seed'

/** What a suggestion is expected to change. */
export interface ExpectedImpact {
  readonly kpi: string
  readonly direction: 'increase' | 'decrease'
  /** In words: `10-20x`. */
  readonly magnitude: string
  readonly summary: string
}

/** When an optimisation is proposed, and what it says. */
export interface SuggestionRule {
  /** Lower-case words with hyphens. */
  readonly name: string
  /** Decides between suggestions that are equally urgent; the lowest comes first. */
  readonly rank: number
  readonly priority: SuggestionPriority
  readonly category: string
  readonly title: string
  readonly description: string
  readonly implementation: string
  /** The KPI that the condition is about. */
  readonly kpi?: string
  /** CEL over the session's ledger line. */
  readonly when: Readonly<Record<SuggestionPolicy, string>>
  /** CEL by what it means: numbers that speak for the suggestion. */
  readonly evidence: Readonly<Record<string, string>>
  readonly impact: ExpectedImpact
}

/** A rule that can be asked about a session. */
export interface CompiledRule {
  readonly rule: SuggestionRule
  readonly when: Expression<boolean>
  readonly evidence: readonly (readonly [name: string, expression: Expression<number>])[]
}

/** The expressions of a rule; one condition may stand for both policies. */
export interface RuleExpressions {
  readonly when?: string | SuggestionRule['when']
  readonly evidence?: SuggestionRule['evidence']
}

/** What is wrong with an expression of a rule, at a path within it. */
export interface ExpressionProblem {
  readonly path: readonly string[]
  readonly message: string
}

/** Checks every expression of a rule, those of the other policy too. */
export function checkExpressions(
  { when, evidence = {} }: RuleExpressions,
  vocabulary: Vocabulary,
): readonly ExpressionProblem[] {
  const conditions =
    typeof when === 'string'
      ? [{ path: ['when'], source: when }]
      : Object.entries(when ?? {}).map(([policy, source]) => ({ path: ['when', policy], source }))
  const numbers = Object.entries(evidence).map(([name, source]) => ({ path: ['evidence', name], source }))
  return [
    ...conditions.map(({ path, source }) => ({ path, compiled: compileCondition(source, vocabulary) })),
    ...numbers.map(({ path, source }) => ({ path, compiled: compileNumber(source, vocabulary) })),
  ].flatMap(({ path, compiled }) => ('problem' in compiled ? [{ path, message: compiled.problem }] : []))
}

/** @throws Error when an expression is wrong: rules are checked when the configuration is read */
export function compileRule(rule: SuggestionRule, policy: SuggestionPolicy, vocabulary: Vocabulary): CompiledRule {
  const when = compileCondition(rule.when[policy], vocabulary)
  if ('problem' in when) throw unchecked(rule, when.problem)
  const evidence = Object.entries(rule.evidence).map(([name, source]) => {
    const compiled = compileNumber(source, vocabulary)
    if ('problem' in compiled) throw unchecked(rule, compiled.problem)
    return [name, compiled.expression] as const
  })
  return { rule, when: when.expression, evidence }
}

function unchecked({ name }: SuggestionRule, problem: string): Error {
  return new Error(`expected checked expressions for the rule ${name}, found one that is wrong: ${problem}`)
}
