const DAY_MS = 86_400_000
const DAYS = 7

/** A week of ISO 8601: Monday to Sunday, named by the year of its Thursday. */
export interface Week {
  readonly year: number
  /** 1 to 53. */
  readonly week: number
}

export interface CalendarDay {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
}

/** A time zone, as far as weeks need it: days are not all of 24 hours. */
export interface LocalTime {
  /** When a day begins, in epoch milliseconds. */
  startOf(day: CalendarDay): number
  dayOf(timeMs: number): CalendarDay
}

/** @param text as `2026-W07` @returns `undefined` when it is none, or there is no such week */
export function parseWeek(text: string): Week | undefined {
  const [, year, week] = /^(\d{4})-W(\d{2})$/.exec(text) ?? []
  if (year === undefined || week === undefined) return undefined
  const parsed = { year: Number(year), week: Number(week) }
  const same = weekOf(mondayOf(parsed))
  return same.year === parsed.year && same.week === parsed.week ? parsed : undefined
}

/** `2026-W07`. */
export function formatWeek({ year, week }: Week): string {
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** The last week that is over. */
export function lastWeek(nowMs: number, time: LocalTime): Week {
  return weekOf(plusDays(time.dayOf(nowMs), -DAYS))
}

/** Its first and last day. */
export function daysOf(week: Week): { readonly first: CalendarDay; readonly last: CalendarDay } {
  const first = mondayOf(week)
  return { first, last: plusDays(first, DAYS - 1) }
}

/** From its beginning up to that of the next week, in epoch milliseconds. */
export function boundsOf(week: Week, time: LocalTime): { readonly startMs: number; readonly endMs: number } {
  const first = mondayOf(week)
  return { startMs: time.startOf(first), endMs: time.startOf(plusDays(first, DAYS)) }
}

/** `2026-02-09`. */
export function formatDay({ year, month, day }: CalendarDay): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

function weekOf(day: CalendarDay): Week {
  const thursday = plusDays(day, 3 - daysAfterMonday(day))
  const firstOfYear = { year: thursday.year, month: 1, day: 1 }
  const daysBefore = (countOf(thursday) - countOf(firstOfYear)) / DAY_MS
  return { year: thursday.year, week: 1 + Math.floor(daysBefore / DAYS) }
}

/** The fourth of January is in the first week. */
function mondayOf({ year, week }: Week): CalendarDay {
  const fourth = { year, month: 1, day: 4 }
  return plusDays(fourth, (week - 1) * DAYS - daysAfterMonday(fourth))
}

function daysAfterMonday(day: CalendarDay): number {
  return (new Date(countOf(day)).getUTCDay() + 6) % DAYS
}

// Days are counted where all have 24 hours.
function countOf({ year, month, day }: CalendarDay): number {
  return Date.UTC(year, month - 1, day)
}

function plusDays(day: CalendarDay, days: number): CalendarDay {
  const date = new Date(countOf(day) + days * DAY_MS)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}
