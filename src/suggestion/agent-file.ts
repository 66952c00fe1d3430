import type { SuggestionLife } from './suggestion-life.ts'

/** Front matter ends within so many lines, or the file has none. */
const FRONT_MATTER = /^---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/

/** Quoted or plain; behind ` #` is a comment. */
const NAME =
  /^name:[ \t]*(?:"(?<double>[^"\r\n]+)"|'(?<single>[^'\r\n]+)'|(?<plain>[^\s"'#].*?))[ \t]*(?:[ \t]#.*)?\r?$/m

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

/** What the agent is called by its own file: in its front matter, without which the client does not load it. */
export function agentNameIn(text: string): string | undefined {
  const [frontMatter = ''] = FRONT_MATTER.exec(text) ?? []
  const { double, single, plain } = NAME.exec(frontMatter)?.groups ?? {}
  return double ?? single ?? plain
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

/** Changes are those of the KPI: of one that fell, less. */
function provenLine({ expectedImpact: { kpi }, verdict, trial }: SuggestionLife): string {
  const { change, change_low: low, change_high: high, average_change: average } = verdict?.evidence ?? {}
  const { treated, control = 0, sessions } = verdict?.evidence ?? {}
  const count = treated === undefined ? sessions : treated + control
  const by =
    change !== undefined && low !== undefined && high !== undefined
      ? `${percent(change)} (90 % interval ${percent(low)} to ${percent(high)})`
      : average === undefined
        ? 'better'
        : percent(trial?.direction === 'lower' ? -average : average)
  return `Proven${count === undefined ? '' : ` in ${count} sessions`}: ${oneLine(kpi)} ${by}.`
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
