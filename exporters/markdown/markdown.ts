import { join } from 'node:path'
import type { ExporterFactory } from '#src/component.ts'
import type { Assessment } from '#src/model/assessment.ts'
import { sessionReport } from '#src/report/session-report.ts'
import { removeLeftovers, safeFileName, syncDirectory, writeFileAtomic } from '#src/store/atomic-file.ts'
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

    /** @returns whether a file changed */
    async function write({ line, live, history }: Assessment): Promise<boolean> {
      // Replaying the ledger meets old revisions after newer ones were written.
      const superseded = !live && context.store.history.revisionOf(line.session_id) > line.revision
      if (live || superseded) {
        settle('ignored', live ? 'live' : 'superseded')
        return false
      }
      const path = join(directory, fileNameOf(line.session_id))
      const changed = await writeFileAtomic(path, sessionReport(line, history), 'unsynced')
      await incidents.take(line)
      settle('used')
      return changed
    }

    // Counted when it is decided: what failed is received again.
    function settle(outcome: 'used' | 'ignored', reason?: string): void {
      context.items.received(1)
      context.items.settled(outcome, 1, reason)
    }

    return {
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
        const done = work.then(async () => {
          let changed = false
          for (const assessment of batch) changed = (await write(assessment)) || changed
          if (changed) await syncDirectory(directory)
        })
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
