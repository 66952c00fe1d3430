import type { InjectionLine } from '../model/injection.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { impactText } from './impact-text.ts'
import type { SuggestionLife } from './suggestion-life.ts'

/** What a session is told at most: everything that is said costs every session. */
export const MAX_INJECTED_TOKENS = 300
/** Hooks hand on no more. */
export const MAX_INJECTED_CHARACTERS = 10_000

const TABLE_TOKENS = 110
/** What is to be done needs the room more. */
const TABLE_TOKENS_BESIDE_MANY = 90
const MANY_SUGGESTIONS = 3
const HEADING_TOKENS = 40
const AGENT_TYPE_TOKENS = 15
/** Of the room of one suggestion. */
const TITLE_SHARE = 0.3
const IMPACT_SHARE = 0.38

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
  const tableTokens = tableTokensBeside(candidates)
  const warning = firstLines(injection.warning, tableTokens)
  const room = (MAX_INJECTED_TOKENS - tableTokens - HEADING_TOKENS) / Math.max(1, candidates)
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

function tableTokensBeside(candidates: number): number {
  return candidates < MANY_SUGGESTIONS ? TABLE_TOKENS : TABLE_TOKENS_BESIDE_MANY
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

/** Title and impact are cut before what to do is. */
function suggestionSection({ title, implementation, expectedImpact }: SuggestionLife, room: number): string {
  const section = (parts: { readonly title: string; readonly guidance: string; readonly impact: string }): string =>
    `### ${parts.title}\n- **Implementation**: ${parts.guidance}\n- **Expected Impact**: ${parts.impact}`
  const free = room - estimateTokens(section({ title: '', guidance: '', impact: '' }))
  const parts = {
    title: shortened(oneLine(title), free * TITLE_SHARE),
    impact: shortened(oneLine(impactText(expectedImpact)), free * IMPACT_SHARE),
  }
  const left = room - estimateTokens(section({ ...parts, guidance: '' }))
  return section({ ...parts, guidance: shortened(oneLine(implementation), left) })
}

/** The beginning that has room: whole words, but part of one that takes most of it, as in scripts without spaces. */
function shortened(text: string, maxTokens: number): string {
  if (text.length <= MAX_INJECTED_CHARACTERS && estimateTokens(text) <= maxTokens) return text
  const signs = [...text.slice(0, MAX_INJECTED_CHARACTERS)]
  const beginning = (count: number): string => signs.slice(0, count).join('')
  let [kept, tooMany] = [0, signs.length + 1]
  while (tooMany - kept > 1) {
    const middle = Math.floor((kept + tooMany) / 2)
    if (estimateTokens(`${beginning(middle)} …`) <= maxTokens) kept = middle
    else tooMany = middle
  }
  const wordsEnd = signs.lastIndexOf(' ', kept)
  return `${beginning(wordsEnd > kept / 2 ? wordsEnd : kept).trimEnd()} …`
}

function firstLines(text: string, maxTokens: number): string {
  let lines = text.split('\n')
  while (lines.length > 0 && estimateTokens(lines.join('\n')) > maxTokens) lines = lines.slice(0, -1)
  return lines.join('\n')
}

function baselineSection({ agentType, sessionCount, rows, warning, candidates }: Injection): string {
  const name = shortened(oneLine(agentType), AGENT_TYPE_TOKENS)
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
  const tableTokens = tableTokensBeside(candidates)
  const free = candidates === 0 ? MAX_INJECTED_TOKENS : tableTokens
  const room = Math.min(tableTokens, free - estimateTokens(warning))
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
