import { recommendationFor } from '../alert/recommendations.ts'
import { areListPrices, PRICES_SOURCE } from '../kpi/model-prices.ts'
import type { SuggestionLife } from '../suggestion/suggestion-life.ts'
import { formatCount, formatTime } from './format.ts'
import { kpiLabel, kpiText } from './kpi-label.ts'
import { escapeMarkdown } from './markdown.ts'
import { left, right, table } from './report-table.ts'
import { daysOf, formatDay, formatWeek, type Week } from './week.ts'
import {
  FALSE_DISCOVERY_RATE,
  MAX_INCOMPLETE_SHARE,
  MIN_BEFORE,
  MIN_IN_WEEK,
  type WeeklyChange,
  type WeeklyFacts,
} from './weekly-facts.ts'

const MAX_LISTED = 10
const MAX_RECOMMENDED = 3
const REVIEW_AFTER_MS = 90 * 86_400_000

export interface WeeklySummary {
  readonly week: Week
  /** In epoch milliseconds. */
  readonly endMs: number
  readonly facts: WeeklyFacts
  /** As they were at its end. */
  readonly suggestions: readonly SuggestionLife[]
  /** Those that were proven or promoted in it, as they were then. */
  readonly proved: readonly SuggestionLife[]
  /** Acks of the week, and those that said that nothing was wrong. */
  readonly acks: number
  readonly falseAlarms: number
}

/** What happened in a week, as Markdown. What says nothing is left out, what is not known is said. */
export function weeklySummary(summary: WeeklySummary): string {
  const { first, last } = daysOf(summary.week)
  const sections = [
    `# Weekly Performance Summary: ${formatDay(first)} to ${formatDay(last)} (${formatWeek(summary.week)})`,
    `## Overview\n\n${overview(summary)}`,
    ...(summary.facts.sessions === 0 ? [] : sectionsOfSessions(summary.facts)),
    `## Active Optimizations\n\n${activeOptimizations(summary)}`,
    `## Proved Effects\n\n${provedEffects(summary)}`,
    `## Recommendations\n\n${recommendations(summary)}`,
  ]
  return `${sections.join('\n\n')}\n`
}

/** Promoted suggestions that nobody has looked at for a quarter of a year. */
export function dueForReview(suggestions: readonly SuggestionLife[], nowMs: number): readonly SuggestionLife[] {
  return suggestions.filter(({ state, since }) => state === 'promoted' && Date.parse(since) < nowMs - REVIEW_AFTER_MS)
}

function overview({ facts, acks, falseAlarms }: WeeklySummary): string {
  const { sessions, agents, tokens, cost } = facts
  if (sessions === 0) return '- **Total Sessions**: 0\n\nNo session ended in this week: nothing was measured.'
  const share = tokens.cache_share === undefined ? '' : `, ${percent(tokens.cache_share)} of the input from the cache`
  const without = tokens.sessions_without === 0 ? '' : `; ${tokens.sessions_without} sessions told nothing of tokens`
  const alarms = agents.reduce((sum, { warning, critical }) => sum + warning + critical, 0)
  const critical = agents.reduce((sum, agent) => sum + agent.critical, 0)
  const rows = [
    ['Total Sessions', formatCount(sessions)],
    [
      'Total Tokens',
      tokens.sessions_without === sessions ? 'not known' : `${formatCount(tokens.total)}${share}${without}`,
    ],
    ...costRows(facts),
    ...Object.entries(cost.unpriced).map(([model, count]) => [
      'Cost Not Known',
      `${count} sessions of ${model === '' ? 'a model that was not named' : escapeMarkdown(model)}`,
    ]),
    [
      'Alarming Sessions',
      `${alarms}, ${critical} of them critical; ${acks} acknowledged, ${falseAlarms} as false alarms`,
    ],
  ]
  return rows.map(([name, value]) => `- **${name}**: ${value}`).join('\n')
}

/** What `cost_per_task` rests on, added up. */
function costRows({ cost }: WeeklyFacts): readonly string[][] {
  const { total, reported_sessions: reported, estimated_sessions: estimated, priced_sessions: priced } = cost
  if (reported + estimated === 0) return []
  const parts = [
    ...(reported === 0 ? [] : [`as reported in ${reported} sessions`]),
    ...(estimated === 0 ? [] : [`estimated from prices in ${estimated}`]),
  ]
  const without =
    `${dollars(cost.without_cache)} instead of ${dollars(cost.with_cache)}, in the ${priced} sessions whose models have a price ` +
    `(${cost.prices_as_of.join(', ')}${cost.prices_as_of.some(areListPrices) ? `; ${PRICES_SOURCE}` : ''})`
  return [['Cost', `${dollars(total)}: ${parts.join(', ')}`], ...(priced === 0 ? [] : [['Without a Cache', without]])]
}

function sectionsOfSessions(facts: WeeklyFacts): readonly string[] {
  const agents = facts.agents.map(({ agent_type, sessions, warning, critical, incomplete }) => [
    escapeMarkdown(agent_type),
    ...[sessions, warning, critical, incomplete].map(formatCount),
  ])
  const columns = [left('Agent Type'), right('Sessions'), right('WARNING'), right('CRITICAL'), right('Incomplete')]
  return [
    `## Agents\n\n${table(columns, agents)}`,
    `## Top Performers\n\n${changeList(facts.better, noneIs('better', facts))}`,
    `## Regressions Detected\n\n${changeList(facts.worse, noneIs('worse', facts))}\n\n${methodText(facts)}`,
  ]
}

function noneIs(side: 'better' | 'worse', { compared }: WeeklyFacts): string {
  return compared === 0 ? 'Not known: nothing could be compared.' : `No KPI that was compared was clearly ${side}.`
}

function methodText({ measured, compared }: WeeklyFacts): string {
  const few = `it takes ${MIN_IN_WEEK} sessions in the week and ${MIN_BEFORE} before it`
  if (compared === 0) return `None of the ${measured} KPIs of agent types could be compared: ${few}.`
  const of = compared === measured ? `All ${measured}` : `${compared} of ${measured}`
  return (
    `${of} KPIs of agent types were compared with the sessions before the week (Welch's t-test on the KPI's own scale` +
    `${compared === measured ? '' : `; ${few}`}); of the changes listed, ${percent(FALSE_DISCOVERY_RATE)} at most are expected ` +
    'to be chance (Benjamini–Hochberg).'
  )
}

function changeList(changes: readonly WeeklyChange[], none: string): string {
  if (changes.length === 0) return none
  const listed = changes
    .slice(0, MAX_LISTED)
    .map(
      ({ agent_type, kpi, before, now, sessions, sessions_before }, index) =>
        `${index + 1}. **${escapeMarkdown(agent_type)}**: ${escapeMarkdown(kpiLabel({}, kpi))} ${kpiText(kpi, now)} ` +
        `(${sessions} sessions), before ${kpiText(kpi, before)} (${sessions_before} sessions)${changeText(before, now)}`,
    )
  const more = changes.length > MAX_LISTED ? [`\n${changes.length - MAX_LISTED} more are not shown.`] : []
  return [...listed, ...more].join('\n')
}

function changeText(before: number, now: number): string {
  return before === 0 ? '' : `: ${signedPercent((now - before) / Math.abs(before))}`
}

function activeOptimizations({ suggestions }: WeeklySummary): string {
  const active = suggestions.filter(({ state }) => state === 'active')
  if (active.length === 0) return 'None is on trial.'
  return active
    .map(({ id, title, agentType, trial }) => {
      const assigned = trial?.assignments ?? []
      const treated = assigned.filter(({ arm }) => arm === 'treated').length
      const verdict = trial?.provisional === undefined ? 'no verdict yet' : trial.provisional.verdict
      const sessions = `${treated} sessions with, ${assigned.length - treated} without`
      return `- **${id}** (${escapeMarkdown(agentType)}): ${escapeMarkdown(title)}; ${sessions}, ${verdict}`
    })
    .join('\n')
}

function provedEffects({ suggestions, proved }: WeeklySummary): string {
  if (proved.length === 0) return 'None in this week.'
  const atEnd = new Map(suggestions.map((life) => [life.id, life]))
  return proved
    .map((life) => {
      const { id, title, agentType, trial, verdict } = life
      const { change, change_low: low, change_high: high } = verdict?.evidence ?? {}
      const interval =
        low === undefined || high === undefined ? '' : ` (90 %: ${signedPercent(low)} to ${signedPercent(high)})`
      const kpi = trial === undefined ? 'its KPI' : escapeMarkdown(kpiLabel({}, trial.kpi))
      const effect = change === undefined ? 'by rule' : `${kpi} ${signedPercent(change)}${interval}`
      return `- **${id}** (${escapeMarkdown(agentType)}, ${becameOf(life, atEnd.get(id))}): ${escapeMarkdown(title)}: ${effect}`
    })
    .join('\n')
}

/** An effect that was proved is told in its week, also where it was taken back before the end of it. */
function becameOf({ state }: SuggestionLife, atEnd: SuggestionLife | undefined): string {
  if (atEnd === undefined || atEnd.state === state) return state
  return `${state}, then ${atEnd.outcome ?? atEnd.state}`
}

function recommendations(summary: WeeklySummary): string {
  const { facts, suggestions, endMs } = summary
  const proven = suggestions.filter(({ state }) => state === 'proven')
  const incomplete = facts.agents.filter(({ sessions, incomplete: count }) => count > MAX_INCOMPLETE_SHARE * sessions)
  const all = [
    ...facts.worse
      .slice(0, MAX_RECOMMENDED)
      .map(
        ({ agent_type, kpi }) =>
          `${escapeMarkdown(agent_type)}, ${escapeMarkdown(kpiLabel({}, kpi))}: ${recommendationFor(kpi)}`,
      ),
    ...proven.map(
      ({ id, title, agentType }) =>
        `Write what is proven into the file of ${escapeMarkdown(agentType)}: ${escapeMarkdown(title)} (optimizations/proposals/${id}.md).`,
    ),
    ...incomplete.map(
      ({ agent_type, incomplete: count, sessions }) =>
        `${count} of ${sessions} sessions of ${escapeMarkdown(agent_type)} lack some of the KPIs that they should have: \`agentperf doctor\` tells which, and why.`,
    ),
    ...dueForReview(suggestions, endMs).map(
      ({ id, title, since }) =>
        `Look again at what was promoted ${formatTime(since)}: ${escapeMarkdown(title)} (\`agentperf suggestions show ${id}\`).`,
    ),
  ]
  if (facts.sessions === 0)
    all.push('Nothing was measured: if agents were at work, `agentperf doctor` tells why it is not known.')
  return all.length === 0 ? 'Nothing needs to be done.' : all.map((text, index) => `${index + 1}. ${text}`).join('\n')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

function signedPercent(share: number): string {
  return `${share < 0 ? '' : '+'}${percent(share)}`
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`
}
