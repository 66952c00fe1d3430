import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PastSession, type PastSessions, valuesByKpi } from './baseline.ts'
import { WindowValues } from './window-values.ts'

const SEED = 20_261_122
const WINDOW = 4

const kpis = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.double({ min: 0, max: 1, noNaN: true }))

/** What may happen to the history between two sessions that are compared. */
const change = fc.oneof(
  { weight: 5, arbitrary: kpis.map((added) => (window: PastSession[]) => [...window, session(added)]) },
  fc.tuple(kpis, fc.nat(WINDOW - 1)).map(
    ([corrected, at]) =>
      (window: PastSession[]) =>
        window.map((known, place) => (place === at ? session(corrected) : known)),
  ),
  // A session that is corrected is compared with those before it.
  fc.nat(WINDOW).map((count) => (window: PastSession[]) => window.slice(0, count)),
  fc.nat(WINDOW).map((count) => (window: PastSession[]) => window.slice(count)),
  fc.constant((window: PastSession[]) => structuredClone(window)),
)

test('the values are those of the window, whatever happened to it', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const values = new WindowValues()
      let window: PastSession[] = []
      for (const next of changes) {
        window = next(window).slice(-WINDOW)
        expect(withoutEmpty(values.of(past('coder', window)))).toEqual(withoutEmpty(valuesByKpi(past('coder', window))))
      }
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('agent types do not mix, also where more are asked for than are kept in mind', () => {
  const values = new WindowValues(2)
  for (const round of [1, 2]) {
    for (const agentType of ['a', 'b', 'c']) {
      const window = Array.from({ length: round }, () => session({ [agentType]: round }))
      expect(values.of(past(agentType, window))).toEqual(valuesByKpi(past(agentType, window)))
    }
  }
})

function session(kpis: Readonly<Record<string, number>>): PastSession {
  return { endedAt: '2026-02-12T18:28:00.000Z', kpis }
}

function past(agentType: string, window: readonly PastSession[]): PastSessions {
  return { agentType, sessionCount: window.length, window }
}

/** A KPI whose values all fell out of the window is one without values. */
function withoutEmpty(values: ReadonlyMap<string, readonly number[]>) {
  return new Map([...values].filter(([, known]) => known.length > 0))
}
