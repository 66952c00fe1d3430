import { EXIT, type Io } from './io.ts'
import type { SelftestOptions } from './options.ts'
import { measureFigures, type SelftestFigures, type SelftestSize } from './selftest-figures.ts'
import { GOALS, type Goal, missedGoals } from './selftest-goals.ts'
import { type Cell, type Column, renderTable, tableStyle } from './table.ts'

const DEFAULT_SIZE: SelftestSize = { seed: 20_261_121, agents: 100, sessions: 100, trials: 1000 }

const COLUMNS: readonly Column[] = [
  { header: '', minWidth: 24 },
  { header: 'promised', align: 'right' },
  { header: 'A', align: 'right' },
  { header: 'literal', align: 'right' },
  { header: 'B', align: 'right' },
  { header: 'literal', align: 'right' },
]

/** Simulates agents, and prints how often the rules for alerts and suggestions are wrong. */
export async function run(options: SelftestOptions, io: Io): Promise<number> {
  const size: SelftestSize = {
    seed: options.seed ?? DEFAULT_SIZE.seed,
    agents: options.agents ?? DEFAULT_SIZE.agents,
    sessions: options.sessions ?? DEFAULT_SIZE.sessions,
    trials: options.trials ?? DEFAULT_SIZE.trials,
  }
  if (io.stderr.isTTY === true) io.stderr.write('Simulating; this takes up to a minute.\n')
  const figures = measureFigures(size)
  const missed = missedGoals(figures, size)
  io.stdout.write(options.json ? `${JSON.stringify(figures, null, 2)}\n` : textOf(figures, size, io))
  for (const goal of missed) io.stderr.write(`missed: ${goal}\n`)
  return missed.length === 0 ? EXIT.fine : EXIT.finding
}

function textOf({ seed, worlds: { a, b } }: SelftestFigures, size: SelftestSize, io: Io): string {
  const rows = GOALS.map((goal): readonly Cell[] => [
    goal.label,
    promiseOf(goal),
    figureText(goal, goal.figureOf(a)),
    figureText(goal, goal.figureOf(a.literal)),
    figureText(goal, goal.figureOf(b)),
    figureText(goal, goal.figureOf(b.literal)),
  ])
  const { agents, sessions, trials } = size
  return [
    renderTable(COLUMNS, rows, tableStyle(io.stdout, io.env)),
    '\n',
    'A: sessions as steady as those that the rules were first written for; B: as real ones seem to be.\n',
    'literal: policy and decision `seed`, the rules as they were first written.\n',
    `Seed ${seed}; ${agents} agents of ${sessions} sessions, ${trials} trials for each figure.\n`,
  ].join('')
}

function promiseOf(goal: Goal): string {
  return goal.most === undefined ? `≥ ${figureText(goal, goal.least ?? 0)}` : `≤ ${figureText(goal, goal.most)}`
}

function figureText({ unit }: Goal, figure: number | null): string {
  if (figure === null) return 'never'
  if (unit === 'sessions') return String(figure)
  const percent = figure * 100
  return `${percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toPrecision(2)} %`
}
