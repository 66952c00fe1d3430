import { join } from 'node:path'
import * as z from 'zod'
import { alarmStreak, isIncident } from '#src/alert/alarm-streak.ts'
import type { Context } from '#src/component.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { Turns } from '#src/net/turns.ts'
import { incidentReport } from '#src/report/incident-report.ts'
import { safeFileName, writeFileAtomic } from '#src/store/atomic-file.ts'
import { latestLines } from '#src/store/read-ledger.ts'

/** Sessions of an agent type that are looked at. */
const LAST_SESSIONS = 40
/** How far the ledger is read back for them. */
const MAX_LINES_READ = 5000
/** That may take a while: requests are answered in between. */
const TURN_MS = 10

const openSchema = z.object({ file: z.string(), openedAt: z.string(), sessionCount: z.int() })

/** An incident that goes on. */
type Open = z.infer<typeof openSchema>

/** `incidents/{agent-type}-{metric}-{time}.md`: one for each streak, written anew with each session of it. */
export class IncidentFiles {
  readonly #context: Context
  readonly #directory: string
  /** The last sessions of each agent type, oldest first. */
  readonly #lines = new Map<string, LedgerLine[]>()
  /** All sessions come, from the first one on: the ledger need not be read for those before. */
  #isFromStart = false

  constructor(context: Context, directory: string) {
    this.#context = context
    this.#directory = directory
  }

  /** Takes in a session, in the order of the ledger; the same one again changes nothing. */
  async take(line: LedgerLine): Promise<void> {
    const { agent_type: agentType } = line
    const metrics = new Set([...line.alerts.map(({ metric }) => metric), ...this.#openMetrics(agentType)])
    const known = this.#lines.get(agentType)
    if (known === undefined && !this.#isFromStart && metrics.size === 0) return
    const lines = withLine(known ?? (this.#isFromStart ? [] : await this.#readLines(line)), withoutDetails(line))
    this.#lines.set(agentType, lines)
    for (const metric of metrics) await this.#renew(agentType, metric, lines)
  }

  /** Forgets what goes on: everything is handed on again from the beginning. */
  reset(): void {
    const { notes } = this.#context.store
    for (const key of [...notes.keys(this.#context.id)]) notes.delete(this.#context.id, key)
    this.#lines.clear()
    this.#isFromStart = true
  }

  async #renew(agentType: string, metric: string, lines: readonly LedgerLine[]): Promise<void> {
    const last = lines.at(-1)
    if (last?.kpis[metric] === undefined) return
    const { notes } = this.#context.store
    const key = keyOf(agentType, metric)
    const open = openSchema.safeParse(notes.get(this.#context.id, key)).data
    const streak = alarmStreak(lines, metric)
    if (streak.length === 0) {
      if (open === undefined) return
      const before = lines.slice(0, -1)
      await this.#write(agentType, metric, open, before, last)
      notes.delete(this.#context.id, key)
      return
    }
    if (open === undefined && !isIncident(streak, metric)) return
    const openedAt = open?.openedAt ?? last.ended_at
    const next: Open = {
      file: open?.file ?? fileNameOf(agentType, metric, openedAt),
      openedAt,
      // Where the first ones are beyond what is kept, each session is one more.
      sessionCount:
        streak.length < LAST_SESSIONS ? streak.length : Math.max(streak.length, (open?.sessionCount ?? 0) + 1),
    }
    await this.#write(agentType, metric, next, lines)
    notes.set(this.#context.id, key, next)
    if (open === undefined) {
      const fields = { agent_type: agentType, kpi: metric, file: join(this.#directory, next.file) }
      this.#context.log.warn(fields, 'a worsening lasts: there is an incident report')
    }
  }

  async #write(
    agentType: string,
    metric: string,
    { file, openedAt, sessionCount }: Open,
    lines: readonly LedgerLine[],
    closedBy?: LedgerLine,
  ): Promise<void> {
    const streak = alarmStreak(lines, metric)
    if (streak.length === 0) return
    const promotions = this.#context.store.suggestions
      .of(agentType)
      .filter(({ state }) => state === 'promoted')
      .map(({ id, title, since }) => ({ id, title, at: since }))
    const incident = { agentType, metric, streak, sessionCount, openedAt, lines, promotions }
    const text = incidentReport(closedBy === undefined ? incident : { ...incident, closedBy })
    await writeFileAtomic(join(this.#directory, file), text)
  }

  #openMetrics(agentType: string): readonly string[] {
    const metrics: string[] = []
    for (const key of this.#context.store.notes.keys(this.#context.id)) {
      const [type, metric] = parseKey(key)
      if (type === agentType && metric !== undefined) metrics.push(metric)
    }
    return metrics
  }

  /** The agent type's last sessions up to this one, from the ledger. */
  async #readLines({ agent_type, session_id, ended_at }: LedgerLine): Promise<LedgerLine[]> {
    const found: LedgerLine[] = []
    const turns = new Turns()
    let read = 0
    for (const line of latestLines(this.#context.store.directory)) {
      if (line.agent_type === agent_type && (line.ended_at <= ended_at || line.session_id === session_id))
        found.push(withoutDetails(line))
      read += 1
      if (found.length >= LAST_SESSIONS || read >= MAX_LINES_READ) break
      await turns.pause(TURN_MS)
    }
    return found.toReversed()
  }
}

/** There may be many agent types: what an incident does not tell of is not kept. */
function withoutDetails(line: LedgerLine): LedgerLine {
  return { ...line, evidence: {}, absent: {}, notes: [], suggestions: [], totals: {}, tools: {}, invocations: [] }
}

/** A revision stands where the session stood. */
function withLine(lines: readonly LedgerLine[], line: LedgerLine): LedgerLine[] {
  const place = lines.findIndex(({ session_id }) => session_id === line.session_id)
  return place === -1 ? [...lines, line].slice(-LAST_SESSIONS) : lines.with(place, line)
}

function fileNameOf(agentType: string, metric: string, openedAt: string): string {
  const time = openedAt.slice(0, 19).replace(/[-:]/g, '')
  return `${safeFileName(agentType).slice(0, 120)}-${safeFileName(metric).slice(0, 80)}-${time}Z.md`
}

function keyOf(agentType: string, metric: string): string {
  return JSON.stringify([agentType, metric])
}

const keySchema = z.tuple([z.string(), z.string()])

function parseKey(key: string): readonly [string, string] | readonly [] {
  return keySchema.safeParse(JSON.parse(key)).data ?? []
}
