import type { RuleFigures, SelftestFigures, SelftestSize } from './selftest-figures.ts'

/** What agentperf promises of one figure. */
export interface Goal {
  readonly label: string
  readonly unit: 'share' | 'sessions'
  readonly most?: number
  readonly least?: number
  figureOf(figures: RuleFigures): number | null
  /** Number of cases that a share is out of. */
  casesOf(size: SelftestSize): number
}

const allSessions = ({ agents, sessions }: SelftestSize): number => agents * sessions
const allTrials = ({ trials }: SelftestSize): number => trials

/** In the order in which they are listed. */
export const GOALS: readonly Goal[] = [
  atMost(0.03, 'healthy sessions: WARNING or worse', ({ healthy }) => healthy.warn, allSessions),
  atMost(0.005, 'healthy sessions: CRITICAL', ({ healthy }) => healthy.critical, allSessions),
  atMost(0.001, 'healthy sessions: blocked', ({ healthy }) => healthy.block, allSessions),
  atMost(
    0.05,
    'CRITICAL that is false',
    ({ healthy }) => healthy.false_share_critical,
    ({ agents }) => agents,
  ),
  {
    label: 'sessions until 1.5 σ worse is told',
    unit: 'sessions',
    most: 5,
    figureOf: (figures) => figures.delay_1_5_sigma_median,
    casesOf: ({ agents }) => agents,
  },
  atMost(0.05, 'useless suggestion proven', ({ promotion }) => promotion.useless, allTrials),
  atMost(0.05, '… while the KPI drifts', ({ promotion }) => promotion.useless_drift, allTrials),
  atMost(0.05, '… while something is upgraded', ({ promotion }) => promotion.useless_upgrade, allTrials),
  atMost(0.05, '… beside one that helps', ({ promotion }) => promotion.useless_concurrent, allTrials),
  atMost(0.01, 'harmful one (−10 %) proven', ({ promotion }) => promotion.harmful, allTrials),
  atLeast(0.95, 'one that doubles the KPI proven', ({ promotion }) => promotion.x2),
  atLeast(0.95, '×10 proven at the third session', ({ promotion }) => promotion.x10_at_3),
]

/** A miss that chance hardly explains: so many standard errors. */
const STANDARD_ERRORS = 3

/** @returns the labels of goals that were missed by more than chance explains, with the world */
export function missedGoals({ worlds }: SelftestFigures, size: SelftestSize): readonly string[] {
  return Object.entries(worlds).flatMap(([world, figures]) =>
    GOALS.filter((goal) => isMissed(goal, figures, size)).map(({ label }) => `world ${world.toUpperCase()}, ${label}`),
  )
}

function isMissed(goal: Goal, figures: RuleFigures, size: SelftestSize): boolean {
  const figure = goal.figureOf(figures)
  if (figure === null) return true
  const limit = goal.most ?? goal.least ?? 0
  const chance = goal.unit === 'share' ? STANDARD_ERRORS * Math.sqrt((limit * (1 - limit)) / goal.casesOf(size)) : 0
  return goal.most !== undefined ? figure > limit + chance : figure < limit - chance
}

function atMost(most: number, label: string, figureOf: Goal['figureOf'], casesOf: Goal['casesOf']): Goal {
  return { label, unit: 'share', most, figureOf, casesOf }
}

function atLeast(least: number, label: string, figureOf: Goal['figureOf']): Goal {
  return { label, unit: 'share', least, figureOf, casesOf: allTrials }
}
