import { join } from 'node:path'
import { configSchema } from '#exporters/markdown/config.ts'
import { LOCAL_TIME } from '#exporters/markdown/local-time.ts'
import { weeklyFileName, weeklyReport } from '#exporters/markdown/weekly-reports.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { writeFileAtomic } from '#src/store/atomic-file.ts'
import { openStore } from '#src/store/open-store.ts'
import { boundsOf, formatWeek, lastWeek, parseWeek } from '../report/week.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { WeeklyOptions } from './options.ts'

/** Prints what happened in a week, and writes it down when the week is over. */
export async function run(options: WeeklyOptions, io: Io): Promise<number> {
  const nowMs = io.nowMs()
  const week = options.week === undefined ? lastWeek(nowMs, LOCAL_TIME) : parseWeek(options.week)
  if (week === undefined) {
    io.stderr.write(`Expected a week of ISO 8601 as 2026-W07, got ${JSON.stringify(options.week)}.\n`)
    return EXIT.usage
  }
  const config = await loadConfiguration(options, io)
  const { directory } = config.service.storage
  const store = await openStore({ directory, mode: 'ephemeral', nowMs: io.nowMs })
  try {
    const { facts, text } = await weeklyReport(store, week, LOCAL_TIME)
    io.stdout.write(options.json ? `${JSON.stringify({ week: formatWeek(week), ...facts }, null, 2)}\n` : text)
    if (boundsOf(week, LOCAL_TIME).endMs > nowMs) {
      io.stderr.write(`${formatWeek(week)} is not over: nothing was written.\n`)
    } else if (facts.sessions > 0) {
      await writeFileAtomic(join(reportsOf(config), weeklyFileName(week)), text)
    }
    return EXIT.fine
  } finally {
    await store.close()
  }
}

function reportsOf(config: LoadedConfig): string {
  const configured = [...config.exporters.values()].find(({ type }) => type === 'markdown')
  const { directory } = configSchema.parse(configured?.config ?? {})
  return join(directory ?? config.service.storage.directory, 'reports')
}
