import * as z from 'zod'
import { type Alarm, alarmOf, blockEndMs, criticalSoFar } from '#src/alert/alarm.ts'
import { blockReason, warningBanner, warningSoFar } from '#src/alert/alarm-text.ts'
import type { AgentStart, Alarms, Batch, Context, Prompt, PromptAnswer } from '#src/component.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import type { Config } from './config.ts'

/** Open sessions that are kept in mind; a warning that is lost is none that was promised. */
const MAX_OPEN_SESSIONS = 1000

/** Sessions that one alarm can stop; those that begin after so many are only warned. */
const MAX_STOPPED_SESSIONS = 1000

/** What the client itself says to the agent, in the place of a prompt. */
const CLIENT_PROMPT = '<task-notification>'

const alarmSchema = z.object({
  agentType: z.string(),
  sessionId: z.string(),
  endedAt: z.iso.datetime(),
  level: z.enum(['WARNING', 'CRITICAL']),
  because: z.array(z.string()),
  blocking: z.string().optional(),
  /** Sessions that began since. */
  begunSince: z.array(z.string()).default([]),
})

interface KeptAlarm extends Alarm {
  readonly begunSince: readonly string[]
}

interface OpenSession {
  readonly because: readonly string[]
  readonly isTold: boolean
}

/** What hooks are told of alarms: of the last session of each agent type, and of sessions that are open. */
export class AlarmBoard implements Alarms {
  readonly #context: Context
  readonly #block: Config['block']
  readonly #open = new Map<string, OpenSession>()

  constructor(context: Context, { block }: Config) {
    this.#context = context
    this.#block = block
  }

  /** Keeps what the last session of each agent type was alarming about, until the next one. */
  committed(batch: Batch<'assessment'>): void {
    const { notes } = this.#context.store
    for (const { line, live } of batch) {
      if (live) continue
      this.#open.delete(line.session_id)
      if (!this.#isTelling(line)) continue
      const alarm = alarmOf(line)
      if (alarm === undefined) notes.delete(this.#context.id, line.agent_type)
      else this.#keep({ ...alarm, begunSince: this.#begunSince(alarm) })
    }
  }

  /** Keeps what is critical about a session that is still open. */
  live({ line }: Batch<'assessment'>[number]): void {
    const because = criticalSoFar(line)
    const known = this.#open.get(line.session_id)
    if (because.length === 0 && known?.isTold !== true) this.#open.delete(line.session_id)
    else this.#open.set(line.session_id, { because, isTold: known?.isTold === true })
    const [oldest] = this.#open.keys()
    if (this.#open.size > MAX_OPEN_SESSIONS && oldest !== undefined) this.#open.delete(oldest)
  }

  atStart({ sessionId, agentType, begins }: AgentStart): string {
    const alarm = this.#unseen(agentType)
    if (alarm === undefined) return ''
    if (begins && alarm.blocking !== undefined && alarm.begunSince.length < MAX_STOPPED_SESSIONS) {
      this.#keep({ ...alarm, begunSince: [...alarm.begunSince, sessionId] })
    }
    return warningBanner(alarm)
  }

  atPrompt({ sessionId, agentType, text, nowMs }: Prompt): PromptAnswer {
    const alarm = this.#block === 'confirm' ? this.#unseen(agentType) : undefined
    if (alarm !== undefined && stops(alarm, sessionId, nowMs) && !text.startsWith(CLIENT_PROMPT)) {
      return { block: blockReason(alarm) }
    }
    const open = this.#open.get(sessionId)
    if (open === undefined || open.isTold || open.because.length === 0) return {}
    this.#open.set(sessionId, { ...open, isTold: true })
    return { context: warningSoFar(open.because) }
  }

  /** The alarm that nobody has acknowledged yet. */
  #unseen(agentType: string): KeptAlarm | undefined {
    const { acks } = this.#context.store
    const parsed = this.#kept(agentType)
    if (parsed === undefined || acks.of(agentType, parsed.sessionId) !== undefined) return undefined
    return parsed
  }

  #kept(agentType: string): KeptAlarm | undefined {
    const { notes } = this.#context.store
    const parsed = alarmSchema.safeParse(notes.get(this.#context.id, agentType)).data
    if (parsed === undefined) return undefined
    const { blocking, ...alarm } = parsed
    return { ...alarm, ...(blocking !== undefined && { blocking }) }
  }

  #keep(alarm: KeptAlarm): void {
    this.#context.store.notes.set(this.#context.id, alarm.agentType, { ...alarm })
  }

  /** A kept alarm follows its session also where the history begins anew behind it. */
  #isTelling({ agent_type: agentType, session_id: sessionId }: LedgerLine): boolean {
    if (this.#kept(agentType)?.sessionId === sessionId) return true
    const last = this.#context.store.history.of(agentType)?.window.findLast((entry) => !entry.didNothing)
    return last?.sessionId === sessionId
  }

  /** A revision of the alarming session is the same alarm. */
  #begunSince({ agentType, sessionId }: Alarm): readonly string[] {
    const kept = this.#kept(agentType)
    return kept?.sessionId === sessionId ? kept.begunSince : []
  }
}

/** Whoever is at work already is not interrupted: only sessions that began after the alarm are stopped. */
function stops(alarm: KeptAlarm, sessionId: string, nowMs: number): boolean {
  return alarm.blocking !== undefined && nowMs < blockEndMs(alarm) && alarm.begunSince.includes(sessionId)
}
