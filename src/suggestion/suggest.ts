import type { LedgerLine, LedgerSuggestion, Note, SuggestionPriority } from '../model/assessment.ts'
import { evidenceText } from './evidence.ts'
import type { CompiledRule, SuggestionPolicy } from './rule.ts'
import { suggestionId } from './suggestion-id.ts'

const URGENCY = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const satisfies Record<SuggestionPriority, number>

/** Findings that say that a KPI is about the telemetry, not about the agent. */
const UNRELIABLE: ReadonlySet<Note['code']> = new Set(['uncovered_tools', 'input_drift', 'placeholder_output'])

export interface Proposal {
  /** The most urgent first. */
  readonly suggestions: readonly LedgerSuggestion[]
  /** What would have been proposed, had the telemetry been whole. */
  readonly notes: readonly Note[]
}

/**
 * Asks every rule about a session. A condition that names what the session does not have is not met.
 *
 * The order is by priority; under `standard` then by how far the KPI is from its baseline, and last by rank. Under `seed`
 * it is by priority and rank, as in the mission's example.
 */
export function suggest(line: LedgerLine, rules: readonly CompiledRule[], policy: SuggestionPolicy): Proposal {
  const met = rules.filter(({ when }) => {
    const result = when.evaluate(line)
    return 'value' in result && result.value
  })
  const unreliable = (kpi: string | undefined): boolean =>
    kpi !== undefined && line.notes.some((note) => UNRELIABLE.has(note.code) && note.kpi === kpi)
  const suggestions = met
    .filter(({ rule }) => !unreliable(rule.kpi))
    .toSorted((a, b) => compareRules(a, b, line, policy))
    .map((compiled) => ledgerSuggestion(compiled, line))
  const notes = met.filter(({ rule }) => unreliable(rule.kpi)).map(suppressedNote)
  return { suggestions, notes }
}

function compareRules(
  { rule: a }: CompiledRule,
  { rule: b }: CompiledRule,
  { deviations }: LedgerLine,
  policy: SuggestionPolicy,
): number {
  const distance = (kpi: string | undefined): number => Math.abs((kpi === undefined ? undefined : deviations[kpi]) ?? 0)
  const byDistance = policy === 'standard' ? distance(b.kpi) - distance(a.kpi) : 0
  return URGENCY[a.priority] - URGENCY[b.priority] || byDistance || a.rank - b.rank
}

function ledgerSuggestion(compiled: CompiledRule, line: LedgerLine): LedgerSuggestion {
  const { name, priority, title, implementation } = compiled.rule
  return {
    id: suggestionId(line.agent_type, name),
    rule: name,
    priority,
    title,
    evidence: evidenceText(compiled, line),
    implementation,
  }
}

function suppressedNote({ rule: { title, kpi } }: CompiledRule): Note {
  const message = `not proposed, because the telemetry does not tell enough: ${title}`
  return { code: 'suggestion_suppressed', ...(kpi !== undefined && { kpi }), message }
}
