import { AGENTS, type Agent } from './agents.ts'
import { dayFiles, type SampleLine } from './day-files.ts'
import type { Era } from './hook-span-line.ts'
import { type Random, randomFrom } from './random.ts'
import { sessionLines } from './session.ts'

const DAY_MS = 86_400_000
const FIRST_DAY_MS = Date.parse('2026-01-15T00:00:00.000Z')
const DAYS = 28

/** The day from which on hooks used the names of an era: half a year of renames within four weeks. */
const ERA_STARTS: readonly (readonly [day: number, era: Era])[] = [
  [0, 'A'],
  [7, 'B'],
  [14, 'C'],
  [18, 'D'],
  [23, 'E'],
]

/**
 * Four weeks of five agent types before the Edgar & Nadyne session. One gets visibly worse, one visibly better. As in
 * real files some lines stand there twice, and the last one of all is cut.
 *
 * @returns path → content
 */
export function historyFiles(): Map<string, string> {
  const random = randomFrom('four weeks')
  const lines = AGENTS.flatMap((agent) => agentLines(agent))
  return withCutLastLine(dayFiles('history', withDuplicates(lines, random)))
}

function agentLines(agent: Agent): readonly SampleLine[] {
  return Array.from({ length: agent.sessions }, (_, index) => {
    const random = randomFrom(`${agent.agentType} ${index}`)
    const age = index / (agent.sessions - 1)
    const day = Math.min(DAYS - 1, Math.floor((index * DAYS) / agent.sessions) + random.integer(0, 1))
    // Evenings in America: some sessions run past midnight UTC.
    const startMs = FIRST_DAY_MS + day * DAY_MS + Math.round(random.between(14, 23.4) * 3_600_000)
    return sessionLines({ agent, age, startMs, era: eraOn(day) }, random)
  }).flat()
}

function eraOn(day: number): Era {
  return ERA_STARTS.findLast(([firstDay]) => day >= firstDay)?.[1] ?? 'A'
}

function withDuplicates(lines: readonly SampleLine[], random: Random): readonly SampleLine[] {
  return lines.flatMap((line) => (random.chance(0.006) ? [line, line] : [line]))
}

function withCutLastLine(files: Map<string, string>): Map<string, string> {
  const last = [...files.keys()]
    .filter((path) => path.includes('/traces-'))
    .toSorted()
    .at(-1)
  const text = last === undefined ? undefined : files.get(last)
  if (last !== undefined && text !== undefined) files.set(last, `${text}{"traceId":"5f0c1d0e9a7b4c3d8e2f1a0b`)
  return files
}
