import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '#src/component.ts'
import { boundsOf, daysOf, formatDay, formatWeek, type LocalTime, lastWeek, type Week } from '#src/report/week.ts'
import { type WeeklyFacts, weeklyFacts } from '#src/report/weekly-facts.ts'
import { weeklySummary } from '#src/report/weekly-summary.ts'
import { writeFileAtomic } from '#src/store/atomic-file.ts'
import { errorCode } from '#src/store/file-error.ts'
import { readWeek } from '#src/store/read-week.ts'
import type { Store } from '#src/store/store.ts'
import { readSuggestionEvents } from '#src/store/suggestion-ledger.ts'
import { weekOfSuggestions } from '#src/suggestion/week-of-suggestions.ts'
import { LOCAL_TIME } from './local-time.ts'

/** Sessions that were idle at the end of the week are assessed by then. */
const DUE_AFTER_MS = 2 * 3_600_000
const LOOK_INTERVAL_MS = 60_000

export interface WeeklyReport {
  readonly facts: WeeklyFacts
  /** Markdown. */
  readonly text: string
}

/** @returns what happened in a week, from the ledgers alone */
export async function weeklyReport(
  { directory, acks }: Pick<Store, 'directory' | 'acks'>,
  week: Week,
  time: LocalTime,
): Promise<WeeklyReport> {
  const { startMs, endMs } = boundsOf(week, time)
  const { week: lines, before } = await readWeek(directory, startMs, endMs)
  const facts = weeklyFacts(lines, before)
  const ofWeek = acks.all().filter(({ at }) => Date.parse(at) >= startMs && Date.parse(at) < endMs)
  const text = weeklySummary({
    week,
    endMs,
    facts,
    ...weekOfSuggestions(readSuggestionEvents(directory), { startMs, endMs }),
    acks: ofWeek.length,
    falseAlarms: ofWeek.filter(({ false_alarm }) => false_alarm).length,
  })
  return { facts, text }
}

/** `weekly-2026-02-09.md`: named by the week's first day. */
export function weeklyFileName(week: Week): string {
  return `weekly-${formatDay(daysOf(week).first)}.md`
}

/** Writes the summary of a week once it is over; one that was missed while nothing ran is made up for. */
export class WeeklyReports {
  readonly #context: Context
  readonly #directory: string
  readonly #time: LocalTime
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> = Promise.resolve()
  #written: string | undefined

  constructor(context: Context, directory: string, time: LocalTime = LOCAL_TIME) {
    this.#context = context
    this.#directory = directory
    this.#time = time
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#turn = this.#turn.then(() => this.writeDue())
    }, LOOK_INTERVAL_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#turn
  }

  /** Never rejects: it is tried again a minute later. */
  async writeDue(): Promise<void> {
    const week = lastWeek(this.#context.now() - DUE_AFTER_MS, this.#time)
    const name = formatWeek(week)
    if (this.#written === name || this.#context.store.history.agentTypes().length === 0) return
    const path = join(this.#directory, weeklyFileName(week))
    try {
      if (!(await exists(path))) {
        const { text } = await weeklyReport(this.#context.store, week, this.#time)
        await writeFileAtomic(path, text)
        this.#context.log.info({ week: name, file: path }, 'wrote the summary of the week')
      }
      this.#written = name
    } catch (error) {
      this.#context.log.error({ week: name, error: String(error) }, 'the summary of the week was not written')
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}
