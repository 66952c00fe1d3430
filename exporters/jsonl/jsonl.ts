import { join } from 'node:path'
import type { ExporterFactory } from '#src/component.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { type Config, configSchema } from './config.ts'
import { DayFiles, dayOf } from './day-files.ts'

/** Appends each ledger line to `sessions/{date}.jsonl`, for jq and friends. */
export const jsonl: ExporterFactory<Config, 'assessment'> = {
  kind: 'exporter',
  type: 'jsonl',
  stability: 'beta',
  description: 'Appends assessed sessions to one JSONL file per day.',
  consumes: 'assessment',
  configSchema,

  create(config, context) {
    const files = new DayFiles(join(config.directory ?? context.store.directory, 'sessions'))
    let work: Promise<void> = Promise.resolve()
    // A batch that failed comes again, and part of it may have been written.
    let lastFailed = false

    async function write(batch: readonly Assessment[]): Promise<void> {
      const ended = batch.filter(({ live }) => !live)
      settle('ignored', batch.length - ended.length, 'live')
      const isCheckedAgain = lastFailed
      lastFailed = true
      for (const [day, assessments] of Map.groupBy(ended, ({ line }) => dayOf(line))) {
        const fresh: LedgerLine[] = []
        for (const { line, replayed } of assessments) {
          const known = (isCheckedAgain || replayed === true) && (await files.has(line))
          if (known) settle('duplicate', 1)
          else fresh.push(line)
        }
        if (fresh.length > 0) await files.append(day, fresh)
        settle('used', fresh.length)
      }
      lastFailed = false
      if (!isCheckedAgain && !batch.some(({ replayed }) => replayed)) files.forget()
    }

    // Counted when it is decided: what failed is received again.
    function settle(outcome: 'used' | 'duplicate' | 'ignored', count: number, reason?: string): void {
      if (count === 0) return
      context.items.received(count)
      context.items.settled(outcome, count, reason)
    }

    return {
      async start() {
        for (const file of await files.repair()) context.log.warn({ file }, 'cut an unfinished last line')
      },
      async stop() {
        await work
      },
      reset: () => files.clear(),
      consume(batch) {
        const done = work.then(() => write(batch))
        work = done.catch(() => {})
        return done
      },
    }
  },
}
