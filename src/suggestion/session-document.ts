import type { LedgerLine, LedgerSuggestion, SuggestionPriority } from '../model/assessment.ts'
import { evidenceNumbers } from './evidence.ts'
import type { CompiledRule, ExpectedImpact } from './rule.ts'

/** Sessions after which the impact of a suggestion is first looked at. */
const SESSIONS_TARGET = 3

/** `optimizations/{session-id}.json`: what was proposed after a session. Times are ISO 8601 in UTC. */
export interface SessionDocument {
  readonly session_id: string
  readonly agent_type: string
  /** The session's end. */
  readonly date: string
  readonly suggestions: readonly ProposedSuggestion[]
}

export interface ProposedSuggestion {
  readonly id: string
  readonly rule: string
  readonly priority: SuggestionPriority
  readonly category?: string
  readonly title: string
  readonly description?: string
  readonly impact?: string
  readonly expected_impact?: Omit<ExpectedImpact, 'summary'>
  readonly evidence: string
  readonly evidence_numbers?: Readonly<Record<string, number>>
  readonly implementation: string
  readonly activation_status: 'proposed'
  readonly tracking: {
    readonly activated_at: null
    readonly sessions_tracked: 0
    readonly sessions_target: number
    readonly impact_measured: null
  }
}

/**
 * The document of a session, from its ledger line alone: the same line gives the same document.
 *
 * @param rules of the configuration, which know more about a suggestion than the ledger; of others only that is told
 */
export function sessionDocument(line: LedgerLine, rules: readonly CompiledRule[]): SessionDocument {
  return {
    session_id: line.session_id,
    agent_type: line.agent_type,
    date: line.ended_at,
    suggestions: line.suggestions.map((suggestion) =>
      proposed(
        suggestion,
        line,
        rules.find(({ rule }) => rule.name === suggestion.rule),
      ),
    ),
  }
}

function proposed(
  { id, rule, priority, title, evidence, implementation }: LedgerSuggestion,
  line: LedgerLine,
  known: CompiledRule | undefined,
): ProposedSuggestion {
  return {
    id,
    rule,
    priority,
    ...(known !== undefined && { category: known.rule.category }),
    title,
    ...(known !== undefined && describe(known, line)),
    evidence,
    implementation,
    activation_status: 'proposed',
    tracking: { activated_at: null, sessions_tracked: 0, sessions_target: SESSIONS_TARGET, impact_measured: null },
  }
}

function describe(known: CompiledRule, line: LedgerLine): Partial<ProposedSuggestion> {
  const { summary, ...expected } = known.rule.impact
  return {
    description: known.rule.description,
    impact: summary,
    expected_impact: expected,
    evidence_numbers: evidenceNumbers(known, line),
  }
}
