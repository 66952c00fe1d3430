import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { HistoryResets } from './history-resets.ts'
import { LedgerHistory } from './ledger-history.ts'
import type { History } from './store.ts'

const SEED = 20261120

/** A ledger in memory: a line's offset is its number times ten. */
function ledgerOf(lines: readonly LedgerLine[]) {
  return { path: 'ledger', lineAt: (offset: number) => lines[offset / 10] }
}

function historyOf(lines: readonly LedgerLine[], knowsNone = false): LedgerHistory {
  const history = new LedgerHistory({ source: ledgerOf(lines), resets: new HistoryResets(), knowsNone })
  lines.forEach((line, number) => {
    history.apply(line, number * 10)
  })
  return history
}

function line(session: number, agent: string, revision: number, value: number): LedgerLine {
  return ledgerLine({
    session_id: `s${session}`,
    agent_type: agent,
    revision,
    kpis: { token_efficiency: value, error_rate: value },
    evidence: { error_rate: { n: value, sources: ['hook_spans'], estimated: false } },
    deviations: { error_rate: value / 2 },
  })
}

interface ResetAt {
  readonly agent: string
  readonly first: number
}

/** What the contract says, written the slow way. */
function model(lines: readonly LedgerLine[], resets: readonly ResetAt[] = []) {
  const ids = [...new Set(lines.map(({ session_id }) => session_id))]
  const sessions = ids.map((id, place) => {
    const last = lines.findLast(({ session_id }) => session_id === id) ?? ledgerLine({})
    return {
      place,
      sessionId: id,
      endedAt: last.ended_at,
      model: last.model,
      agentVersion: last.agent_version,
      kpis: last.kpis,
      inputs: Object.fromEntries(Object.entries(last.evidence).map(([kpi, { n }]) => [kpi, n])),
      deviations: last.deviations,
      didNothing: false,
      agent: last.agent_type,
      revision: last.revision,
    }
  })
  const countingBefore = (agentType: string, place: number) => {
    const firsts = resets.filter(({ agent, first }) => agent === agentType && first <= place).map(({ first }) => first)
    const first = Math.max(0, ...firsts)
    const all = sessions.filter((one) => one.agent === agentType && one.place < place && one.place >= first)
    const window = all.slice(-200).map(({ agent: _agent, revision: _revision, ...entry }) => entry)
    return { agentType, sessionCount: all.length, window }
  }
  const historyBefore = (agentType: string, place: number) => {
    const history = countingBefore(agentType, place)
    return history.sessionCount === 0 ? undefined : history
  }
  const historyNow = (agentType: string) =>
    sessions.some(({ agent }) => agent === agentType) ? countingBefore(agentType, sessions.length) : undefined
  return { sessions, historyBefore, historyNow }
}

function expectSame(history: History, lines: readonly LedgerLine[], resets: readonly ResetAt[] = []) {
  const { sessions, historyBefore, historyNow } = model(lines, resets)
  const agents = [...new Set(sessions.map(({ agent }) => agent))].sort()
  expect(history.agentTypes()).toEqual(agents)
  for (const agent of [...agents, 'nobody']) {
    expect(history.of(agent)).toEqual(historyNow(agent))
    expect(history.before(agent, 'new')).toEqual(historyBefore(agent, sessions.length))
  }
  for (const { sessionId, place, revision, agent } of sessions.slice(0, 40)) {
    expect(history.knows(sessionId)).toBe(true)
    expect(history.revisionOf(sessionId)).toBe(revision)
    expect(history.lineOf(sessionId, revision + 1)).toBeUndefined()
    expect(history.before(agent, sessionId)).toEqual(historyBefore(agent, place))
  }
  for (const line of lines.slice(0, 40)) expect(history.lineOf(line.session_id, line.revision)).toBe(line)
  expect(history.lineOf('new', 1)).toBeUndefined()
  for (const last of lines.slice(-5)) {
    const { count, rank } = history.standing(last).error_rate ?? {}
    const value = last.kpis.error_rate ?? 0
    const values = sessions.map(({ kpis }) => kpis.error_rate ?? 0)
    expect(count).toBe(sessions.length)
    const worse = values.filter((other) => other > value).length
    const equal = values.filter((other) => other === value).length
    expect(rank).toBeCloseTo((worse + equal / 2) / sessions.length, 10)
  }
}

const commits = fc.array(
  fc.record({
    session: fc.nat(30),
    agent: fc.constantFrom('a', 'b', 'c'),
    value: fc.constantFrom(0, 0.1, 0.2, 0.5, 1),
  }),
  { maxLength: 80, size: 'max' },
)

function linesOf(picks: readonly { session: number; agent: string; value: number }[]): LedgerLine[] {
  const revisions = new Map<number, number>()
  return picks.map(({ session, agent, value }) => {
    const revision = (revisions.get(session) ?? 0) + 1
    revisions.set(session, revision)
    return line(session, agent, revision, value)
  })
}

test('with revisions and changed agent types it says what a plain fold says', () => {
  fc.assert(
    fc.property(commits, (picks) => {
      const lines = linesOf(picks)
      expectSame(historyOf(lines), lines)
    }),
    { seed: SEED },
  )
})

test('rewound to any line it is as it was then, and goes on the same', () => {
  fc.assert(
    fc.property(commits, fc.nat(), (picks, pick) => {
      const lines = linesOf(picks)
      const cut = pick % (lines.length + 1)
      const history = historyOf(lines).rewound(cut * 10)
      expectSame(history, lines.slice(0, cut))
      lines.slice(cut).forEach((later, number) => {
        history.apply(later, (cut + number) * 10)
      })
      expectSame(history, lines)
    }),
    { seed: SEED },
  )
})

test('after resets only later sessions count, for each among its own, also when rewound', () => {
  const resetsAfter = fc.array(fc.record({ agent: fc.constantFrom('a', 'b'), after: fc.nat(80) }), { maxLength: 4 })
  fc.assert(
    fc.property(commits, resetsAfter, fc.nat(), (picks, wanted, pick) => {
      const lines = linesOf(picks)
      const history = new LedgerHistory({ source: ledgerOf(lines), resets: new HistoryResets(), knowsNone: false })
      const resets: ResetAt[] = []
      lines.forEach((one, number) => {
        for (const { agent } of wanted.filter(({ after }) => after === number)) {
          resets.push({ agent, first: history.index.sessionCount })
          history.reset(agent, '2026-11-20T12:00:00.000Z')
        }
        history.apply(one, number * 10)
        history.of('a')
      })
      expectSame(history, lines, resets)
      const cut = pick % (lines.length + 1)
      const rewound = history.rewound(cut * 10)
      lines.slice(cut).forEach((later, number) => {
        rewound.of('b')
        rewound.apply(later, (cut + number) * 10)
      })
      expectSame(rewound, lines, resets)
    }),
    { seed: SEED },
  )
})

test('the window holds the last 200 by place, exactly, when one of them leaves for another agent type', () => {
  const lines = Array.from({ length: 500 }, (_, number) => line(number, 'a', 1, number))
  const history = historyOf(lines)
  expect(history.of('a')?.window.map(({ place }) => place)).toEqual(
    Array.from({ length: 200 }, (_, index) => 300 + index),
  )
  const moved = [...lines, line(450, 'b', 2, 7), line(10, 'b', 2, 8)]
  expectSame(historyOf(moved), moved)
  expect(historyOf(moved).of('a')?.window[0]?.place).toBe(299)
})

test('an old session is compared with the sessions before it, however old', () => {
  const lines = Array.from({ length: 500 }, (_, number) => line(number, number % 2 === 0 ? 'a' : 'b', 1, number))
  const history = historyOf(lines)
  const before = history.before('a', 's410')
  expect(before?.sessionCount).toBe(205)
  expect(before?.window.map(({ place }) => place)).toEqual(Array.from({ length: 200 }, (_, index) => 10 + 2 * index))
  expect(history.before('a', 's0')).toBeUndefined()
  expect(history.before('nobody', 's3')).toBeUndefined()
})

test('windows of many agent types are all exact, also those that memory no longer holds', () => {
  const lines = Array.from({ length: 300 }, (_, number) => line(number, `agent ${number % 100}`, 1, number))
  expectSame(historyOf(lines), lines)
})

test.for<{ name: string; values: number[]; rank: number; lower: number; recent: number[] }>([
  { name: 'the only value', values: [5], rank: 0.5, lower: 0.5, recent: [5] },
  { name: 'the highest', values: [1, 2, 3, 4], rank: 0.875, lower: 0.125, recent: [1, 2, 3, 4] },
  { name: 'the lowest', values: [2, 3, 4, 1], rank: 0.125, lower: 0.875, recent: [2, 3, 4, 1] },
  { name: 'all equal', values: [1, 1, 1, 1], rank: 0.5, lower: 0.5, recent: [1, 1, 1, 1] },
])('standing: $name', ({ values, rank, lower, recent }) => {
  const lines = values.map((value, number) => line(number, 'a', 1, value))
  const last = lines.at(-1) ?? ledgerLine({})
  const count = values.length
  expect(historyOf(lines).standing(last)).toEqual({
    token_efficiency: { rank, count, recent },
    error_rate: { rank: lower, count, recent },
  })
})

test("standing: ranks over all agent types, recent values are the agent type's own up to this session", () => {
  const lines = Array.from({ length: 40 }, (_, number) => line(number, number % 2 === 0 ? 'a' : 'b', 1, number + 1))
  const history = historyOf(lines)
  const old = line(20, 'a', 1, 21)
  expect(history.standing(old).token_efficiency).toEqual({
    rank: 20.5 / 40,
    count: 40,
    recent: [3, 5, 7, 9, 11, 13, 15, 17, 19, 21],
  })
  const revised = line(20, 'a', 2, 99)
  const lines2 = [...lines, revised]
  expect(historyOf(lines2).standing(revised).token_efficiency).toEqual({
    rank: 39.5 / 40,
    count: 40,
    recent: [3, 5, 7, 9, 11, 13, 15, 17, 19, 99],
  })
})

test('standing: a custom KPI is ranked in its own direction, and a KPI some sessions lack over those that have it', () => {
  const custom = { writes: { label: 'Writes', direction: 'lower', unit: '1' } } as const
  const lines = [1, 2, 3].map((value) =>
    ledgerLine({ session_id: `s${value}`, kpis: value === 2 ? {} : { writes: value }, custom_kpis: custom }),
  )
  const last = lines[2] ?? ledgerLine({})
  expect(historyOf(lines).standing(last)).toEqual({ writes: { rank: 0.25, count: 2, recent: [1, 3] } })
})

test('where sessions are analysed anew none is known, but its revision is', () => {
  const history = historyOf([line(1, 'a', 1, 0)], true)
  expect(history.knows('s1')).toBe(false)
  expect(history.revisionOf('s1')).toBe(1)
})

test('a ledger that lost a line is an error that names file and byte', () => {
  const lines = [line(1, 'a', 1, 0), line(2, 'a', 1, 0)]
  const kept = [...lines]
  const history = new LedgerHistory(
    { source: ledgerOf(kept), resets: new HistoryResets(), knowsNone: false },
    historyOf(lines).index,
  )
  kept.length = 1
  expect(() => history.of('a')).toThrow('ledger, byte 10')
})
