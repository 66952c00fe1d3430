import type { LocalTime } from '#src/report/week.ts'

/** The time zone of this process. */
export const LOCAL_TIME: LocalTime = {
  startOf: ({ year, month, day }) => new Date(year, month - 1, day).getTime(),
  dayOf(timeMs) {
    const date = new Date(timeMs)
    return { year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate() }
  },
}
