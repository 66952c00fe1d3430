import type { InjectionLine } from '../model/injection.ts'
import { estimateTokens } from './estimate-tokens.ts'
import type { SuggestionLife } from './suggestion-life.ts'

/** What a session is told at most: everything that is said costs every session. */
export const MAX_INJECTED_TOKENS = 300
/** Hooks hand on no more. */
export const MAX_INJECTED_CHARACTERS = 10_000

const TABLE_TOKENS = 110
const HEADING_TOKENS = 40
const MAX_AGENT_TYPE_CHARACTERS = 60

/** One row of the table of what is usual: texts as people read them. */
export interface BaselineRow {
  readonly label: string
  /** `> 0.95`; empty where there is none. */
  readonly target: string
  readonly average: string
  /** What one session of twenty reaches. */
  readonly best: string
}

export interface Injection {
  /** What was alarming about the last session, as Markdown: as many lines as have room. It takes that of table rows, where there are suggestions. */
  readonly warning: string
  readonly agentType: string
  readonly sessionCount: number
  /** The most important first; only those that fit are shown. */
  readonly rows: readonly BaselineRow[]
  /** Those that this session gets. */
  readonly suggestions: readonly SuggestionLife[]
  /** Those that it could get: what one says must not depend on whether others are on. */
  readonly candidates: number
}

export interface InjectedText {
  /** Markdown; empty when there is nothing to say. */
  readonly text: string
  /** By suggestion. */
  readonly tokens: Readonly<Record<string, number>>
  /** Tokens of all that is said, and of its parts. */
  readonly cost: InjectedTokens
}

export type InjectedTokens = Pick<InjectionLine, 'tokens' | 'warning_tokens' | 'suggestion_tokens' | 'baseline_tokens'>

/**
 * What a session is told at its start, in the mission's layout and as facts: instructions from outside look like an attack to
 * a model.
 */
export function injectedText(injection: Injection): InjectedText {
  const { suggestions, candidates } = injection
  const warning = firstLines(injection.warning, TABLE_TOKENS)
  const room = (MAX_INJECTED_TOKENS - TABLE_TOKENS - HEADING_TOKENS) / Math.max(1, candidates)
  const sections = suggestions.map((life) => ({ id: life.id, section: suggestionSection(life, room) }))
  const told = sections.length === 0 ? '' : [HEADING, ...sections.map(({ section }) => section)].join('\n\n')
  const baseline = baselineSection({ ...injection, warning })
  const text = [warning, told, baseline]
    .filter((part) => part !== '')
    .join('\n\n')
    .slice(0, MAX_INJECTED_CHARACTERS)
  return {
    text,
    tokens: Object.fromEntries(sections.map(({ id, section }) => [id, estimateTokens(section)])),
    cost: costOf(warning, told, baseline),
  }
}

function costOf(warning: string, suggestions: string, baseline: string): InjectedTokens {
  const parts = {
    warning_tokens: estimateTokens(warning),
    suggestion_tokens: estimateTokens(suggestions),
    baseline_tokens: estimateTokens(baseline),
  }
  return { tokens: parts.warning_tokens + parts.suggestion_tokens + parts.baseline_tokens, ...parts }
}

const HEADING = `## Active Performance Optimizations

Measurements of recent sessions with this agent led to these optimizations:`

function suggestionSection({ title, implementation, expectedImpact }: SuggestionLife, room: number): string {
  const { kpi, direction, magnitude } = expectedImpact
  const impact = `- **Expected Impact**: ${oneLine(magnitude)} ${direction} in ${oneLine(kpi)}`
  const section = (guidance: string): string => `### ${oneLine(title)}\n- **Implementation**: ${guidance}\n${impact}`
  return section(shortened(oneLine(implementation), (text) => estimateTokens(section(text)) <= room))
}

/** As many whole words as fit. */
function shortened(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text
  const words = text.split(' ')
  let kept = words.length - 1
  while (kept > 1 && !fits(`${words.slice(0, kept).join(' ')} …`)) kept -= 1
  return `${words.slice(0, kept).join(' ')} …`
}

function firstLines(text: string, maxTokens: number): string {
  let lines = text.split('\n')
  while (lines.length > 0 && estimateTokens(lines.join('\n')) > maxTokens) lines = lines.slice(0, -1)
  return lines.join('\n')
}

function baselineSection({ agentType, sessionCount, rows, warning, candidates }: Injection): string {
  const name = [...oneLine(agentType)].slice(0, MAX_AGENT_TYPE_CHARACTERS).join('')
  const section = (count: number): string =>
    [
      '## Performance Baselines',
      '',
      `Your historical performance for ${name} (${sessionCount} sessions):`,
      '',
      '| Metric | Target | Your Average | Your Best 5% |',
      '|---|---|---|---|',
      ...rows.slice(0, count).map((row) => `| ${row.label} | ${row.target} | ${row.average} | ${row.best} |`),
    ].join('\n')
  let count = rows.length
  const free = candidates === 0 ? MAX_INJECTED_TOKENS : TABLE_TOKENS
  const room = Math.min(TABLE_TOKENS, free - estimateTokens(warning))
  while (count > 0 && estimateTokens(section(count)) > room) count -= 1
  return count === 0 ? '' : section(count)
}

/** Text of unknown origin: no line of its own, no heading, no table. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .replaceAll('|', '/')
    .trim()
}
