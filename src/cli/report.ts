import type { Registry } from '#src/component.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { formatTime } from '#src/report/format.ts'
import { sessionReport } from '#src/report/session-report.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { openStore } from '#src/store/open-store.ts'
import { latestLines } from '#src/store/read-ledger.ts'
import { readOpenSessions } from '#src/store/read-open-sessions.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { ReportOptions } from './options.ts'
import { ownName } from './own-name.ts'

const MAX_CANDIDATES = 10

/** Prints the report of the session with an id, or of the only one whose id begins so. */
export async function run({ session, ...options }: ReportOptions, io: Io, registry?: Registry): Promise<number> {
  const { service } = await loadConfiguration(options, io, registry)
  const { directory } = service.storage
  const [line, ...others] = findSessions(directory, session)
  if (line === undefined) {
    io.stderr.write(await notFound(directory, session, io))
    return EXIT.finding
  }
  if (others.length > 0) {
    io.stderr.write(ambiguous(session, [line, ...others]))
    return EXIT.finding
  }
  io.stdout.write(await reportOf(line, directory, io))
  return EXIT.fine
}

async function notFound(directory: string, session: string, io: Io): Promise<string> {
  const open = await readOpenSessions(directory)
  if (open.some(({ sessionId }) => sessionId.startsWith(session))) {
    return `The session ${quoted(session)} is still open: its report is written when it ends or is idle for some time.\n`
  }
  return (
    `Expected a session id or its beginning, found none that begins with ${quoted(session)} in ${directory}. ` +
    `\`${ownName(io)} sessions\` lists them.\n`
  )
}

/** @returns the session with this id; else all whose ids begin with it, the newest first */
function findSessions(directory: string, session: string): readonly LedgerLine[] {
  const found: LedgerLine[] = []
  for (const line of latestLines(directory)) {
    if (line.session_id === session) return [line]
    if (line.session_id.startsWith(session)) found.push(line)
  }
  return found
}

async function reportOf(line: LedgerLine, directory: string, io: Io): Promise<string> {
  const store = await openStore({ directory, mode: 'ephemeral', nowMs: io.nowMs })
  try {
    return sessionReport(line, store.history.standing(line))
  } finally {
    await store.close()
  }
}

function ambiguous(session: string, lines: readonly LedgerLine[]): string {
  const shown = lines
    .slice(0, MAX_CANDIDATES)
    .map(
      (line) => `  ${visibleText(line.session_id)}  ${formatTime(line.started_at)}  ${visibleText(line.agent_type)}\n`,
    )
  const more = lines.length > MAX_CANDIDATES ? `  and ${lines.length - MAX_CANDIDATES} more\n` : ''
  return `Expected one session, found ${lines.length} whose ids begin with ${quoted(session)}:\n${shown.join('')}${more}`
}

function quoted(text: string): string {
  return JSON.stringify(visibleText(text))
}
