import { afterEach, describe, expect, test, vi } from 'vitest'
import { boundsOf, formatWeek, lastWeek } from '#src/report/week.ts'
import { LOCAL_TIME } from './local-time.ts'

afterEach(() => vi.unstubAllEnvs())

describe.for([
  { zone: 'UTC', spring: 168, autumn: 168 },
  { zone: 'Europe/Berlin', spring: 167, autumn: 169 },
  { zone: 'America/New_York', spring: 168, autumn: 168 },
  { zone: 'Pacific/Auckland', spring: 168, autumn: 168 },
])('in $zone', ({ zone, spring, autumn }) => {
  test('the weeks of the European changes of the clock have their hours, and weeks meet', () => {
    vi.stubEnv('TZ', zone)
    const hours = (week: number): number => {
      const { startMs, endMs } = boundsOf({ year: 2026, week }, LOCAL_TIME)
      return (endMs - startMs) / 3_600_000
    }
    expect([hours(13), hours(43)]).toEqual([spring, autumn])
    for (let n = 1; n < 53; n++) {
      const [one, next] = [n, n + 1].map((number) => boundsOf({ year: 2026, week: number }, LOCAL_TIME))
      expect(one?.endMs).toBe(next?.startMs)
      expect(formatWeek(lastWeek(one?.endMs ?? 0, LOCAL_TIME))).toBe(formatWeek({ year: 2026, week: n }))
      expect(formatWeek(lastWeek((next?.endMs ?? 0) - 1, LOCAL_TIME))).toBe(formatWeek({ year: 2026, week: n }))
    }
  })
})
