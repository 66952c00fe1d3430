import { expect, test } from 'vitest'
import { daysOf, formatDay, formatWeek, parseWeek, type Week } from './week.ts'

function week(text: string): Week {
  const parsed = parseWeek(text)
  if (parsed === undefined) throw new Error(`expected a week, got ${text}`)
  return parsed
}

// https://en.wikipedia.org/wiki/ISO_week_date: first weeks around the turn of years.
test.for([
  ['2026-W07', '2026-02-09', '2026-02-15'],
  ['2026-W01', '2025-12-29', '2026-01-04'],
  ['2020-W53', '2020-12-28', '2021-01-03'],
  ['2021-W01', '2021-01-04', '2021-01-10'],
  ['2009-W01', '2008-12-29', '2009-01-04'],
] as const)('%s is %s to %s', ([text, first, last]) => {
  const days = daysOf(week(text))
  expect([formatDay(days.first), formatDay(days.last)]).toEqual([first, last])
  expect(formatWeek(week(text))).toBe(text)
})

test.for(['2026-7', '2026-W7', '2026-W00', '2026-W54', '2025-W53', 'W07', '2026-W07 ', ''])('%j is no week', (text) => {
  expect(parseWeek(text)).toBeUndefined()
})
