import { join } from 'node:path'
import type { Batch, ExporterFactory } from '#src/component.ts'
import type { Assessment } from '#src/model/assessment.ts'
import { sessionReport } from '#src/report/session-report.ts'
import { removeLeftovers, safeFileName, syncDirectory, writeFileAtomic } from '#src/store/atomic-file.ts'
import { severalAtOnce } from '#src/store/several-at-once.ts'
import { type Config, configSchema } from './config.ts'
import { IncidentFiles } from './incident-files.ts'
import { WeeklyReports } from './weekly-reports.ts'

/** Writes the delta report of each session to `reports/{session-id}.md`. */
export const markdown: ExporterFactory<Config, 'assessment'> = {
  kind: 'exporter',
  type: 'markdown',
  stability: 'beta',
  description: 'Writes a Markdown report for each assessed session, and one for each worsening that lasts.',
  consumes: 'assessment',
  configSchema,

  create(config, context) {
    const root = config.directory ?? context.store.directory
    const directory = join(root, 'reports')
    const incidents = new IncidentFiles(context, join(root, 'incidents'))
    const weekly = new WeeklyReports(context, directory)
    let work: Promise<void> = Promise.resolve()

    function ignoredAs({ line, live }: Assessment): 'live' | 'superseded' | undefined {
      if (live) return 'live'
      // Replaying the ledger meets old revisions after newer ones were written.
      return context.store.history.revisionOf(line.session_id) > line.revision ? 'superseded' : undefined
    }

    /** @returns whether the file changed */
    function writeReport({ line, history }: Assessment): Promise<boolean> {
      const path = join(directory, fileNameOf(line.session_id))
      return writeFileAtomic(path, sessionReport(line, history), 'unsynced')
    }

    async function write(batch: Batch<'assessment'>): Promise<void> {
      const due: Assessment[] = []
      for (const assessment of batch) {
        const reason = ignoredAs(assessment)
        if (reason === undefined) due.push(assessment)
        else settle('ignored', reason)
      }
      const changes = await severalAtOnce(due, writeReport)
      if (changes.includes(true)) await syncDirectory(directory)
      for (const { line } of due) {
        await incidents.take(line)
        settle('used')
      }
    }

    // Counted when it is decided: what failed is received again.
    function settle(outcome: 'used' | 'ignored', reason?: string): void {
      context.items.received(1)
      context.items.settled(outcome, 1, reason)
    }

    return {
      readsHistory: true,
      async start() {
        await removeLeftovers(directory)
        await removeLeftovers(join(root, 'incidents'))
        if (config.weekly) weekly.start()
      },
      async reset() {
        incidents.reset()
      },
      async stop() {
        await weekly.stop()
        await work
      },
      consume(batch) {
        const done = work.then(() => write(batch))
        work = done.catch(() => {})
        return done
      },
    }
  },
}

/** A session that is called as the summary of a week gets a name that no week can have. */
function fileNameOf(sessionId: string): string {
  const name = `${safeFileName(sessionId)}.md`
  return name.startsWith('weekly-') ? `~${name}` : name
}
