import type { SuggestionLife } from './suggestion-life.ts'

/** Front matter ends within so many lines, or the file has none. */
const FRONT_MATTER = /^---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/

/**
 * An agent's file with a promoted suggestion: behind everything else, between marks by which it is found again. One that is
 * in the file already is replaced, so that promoting twice is promoting once.
 *
 * @param text of `~/.claude/agents/{agent-type}.md`
 */
export function withPromotion(text: string, life: SuggestionLife): string {
  const lineFeed = text.includes('\r\n') ? '\r\n' : '\n'
  return `${withoutPromotion(text, life.id)}${lineFeed}${lineFeed}${sectionOf(life).replaceAll('\n', lineFeed)}`
}

/** The file as it was before; the same text where the suggestion is not in it. */
export function withoutPromotion(text: string, id: string): string {
  const start = text.indexOf(beginMark(id))
  const end = start < 0 ? -1 : text.indexOf(endMark(id), start)
  if (end < 0) return text
  const before = text.slice(0, start).replace(/(?:\r?\n){2}$/, '')
  return before + text.slice(end + endMark(id).length).replace(/^\r?\n/, '')
}

/** Whether a suggestion stands in an agent's file, whoever put it there. */
export function isPromotedIn(text: string, id: string): boolean {
  return withoutPromotion(text, id) !== text
}

/** Whether the client would still load the file: agents have front matter with a name. */
export function isAgentFile(text: string): boolean {
  const [frontMatter = ''] = FRONT_MATTER.exec(text) ?? []
  return /^name:[ \t]*\S/m.test(frontMatter)
}

export function sectionOf(life: SuggestionLife): string {
  const { id, title, implementation } = life
  return [
    beginMark(id),
    `## Optimization: ${oneLine(title)}`,
    '',
    oneLine(implementation),
    '',
    provenLine(life),
    endMark(id),
    '',
  ].join('\n')
}

function provenLine({ expectedImpact: { kpi }, verdict, trial }: SuggestionLife): string {
  const { change, change_low: low, change_high: high, average_change: average } = verdict?.evidence ?? {}
  const sessions = trial?.assignments.length ?? 0
  const by =
    change !== undefined && low !== undefined && high !== undefined
      ? `${percent(change)} (90 % interval ${percent(low)} to ${percent(high)})`
      : average === undefined
        ? 'better'
        : `${percent(average)} better`
  return `Proven in ${sessions} sessions: ${oneLine(kpi)} ${by}.`
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(0)} %`
}

function beginMark(id: string): string {
  return `<!-- agentperf:begin ${id} -->`
}

function endMark(id: string): string {
  return `<!-- agentperf:end ${id} -->`
}

/** Text of unknown origin: no mark, no heading of its own. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .replaceAll('<!--', '<! --')
    .trim()
}
