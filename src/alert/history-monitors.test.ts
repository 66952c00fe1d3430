import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../stats/random.ts'
import { HistoryMonitors } from './history-monitors.ts'
import { type Judgement, type MonitoredSession, type Monitors, observe } from './monitor.ts'
import { worldB } from './worlds.ts'

const SEED = 20_261_126
const WINDOW = 200
const none = (): undefined => undefined
const agent = worldB(seededRandom(SEED))
const SESSIONS: readonly MonitoredSession[] = Array.from({ length: 460 }, () => agent.session())
const PROBE = agent.session({ kpi: 'active_time_ratio', stdDevs: 2 })

function historyOf(sessions: readonly MonitoredSession[], agentType = 'a') {
  return { agentType, sessionCount: sessions.length, window: sessions.slice(-WINDOW) }
}

/** What a session would be judged to be: monitors have no other use. */
function judgements(monitors: Monitors): readonly Judgement[] {
  return observe(monitors, PROBE, none).judgements
}

test('it makes no difference how far a history was followed before', () => {
  const counts = fc.array(fc.integer({ min: 0, max: SESSIONS.length }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(counts, (followed) => {
      const known = new HistoryMonitors()
      for (const count of followed) {
        const history = historyOf(SESSIONS.slice(0, count))
        expect(judgements(known.after(history, none))).toEqual(judgements(new HistoryMonitors().after(history, none)))
      }
    }),
    { seed: SEED, numRuns: 20 },
  )
})

test('a session that is corrected later gives what it would have given from the start', () => {
  const known = new HistoryMonitors()
  known.after(historyOf(SESSIONS.slice(0, 80)), none)
  const corrected = SESSIONS.slice(0, 80).with(70, { kpis: { active_time_ratio: 0.01 }, inputs: {} })
  const anew = judgements(new HistoryMonitors().after(historyOf(corrected), none))
  expect(judgements(known.after(historyOf(corrected), none))).toEqual(anew)
  expect(anew).not.toEqual(judgements(known.after(historyOf(SESSIONS.slice(0, 80)), none)))
})

test('at least the last hundred sessions count, and none before the window', () => {
  const known = new HistoryMonitors()
  for (const count of [99, 200, 201, 299, 300, 460]) {
    const [judgement] = judgements(known.after(historyOf(SESSIONS.slice(0, count)), none))
    expect(judgement?.sessions).toBeGreaterThan(Math.min(count, 100) - 15)
    expect(judgement?.sessions).toBeLessThanOrEqual(Math.min(count, WINDOW))
  }
})

test('agent types do not mix, also when there are more than it keeps in mind', () => {
  const known = new HistoryMonitors(2)
  const types = ['a', 'b', 'c', 'a', 'b'] as const
  for (const [index, type] of types.entries()) {
    const sessions = SESSIONS.slice(index * 30, index * 30 + 40)
    const alone = new HistoryMonitors().after(historyOf(sessions), none)
    expect(judgements(known.after(historyOf(sessions, type), none))).toEqual(judgements(alone))
  }
})
