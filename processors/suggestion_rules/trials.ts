import type { Context } from '#src/component.ts'
import type { Assessment } from '#src/model/assessment.ts'
import type { SuggestionEvent } from '#src/model/suggestion.ts'
import type { Store } from '#src/store/store.ts'
import { type AgentKnowledge, activeDocument, archiveDocument } from '#src/suggestion/active-document.ts'
import type { EndedSession } from '#src/suggestion/agent-trials.ts'
import { activatedEvents, decidedEvents, handEvent, proposedEvents } from '#src/suggestion/next-events.ts'
import { reopenedEvents } from '#src/suggestion/reopened-events.ts'
import type { CompiledRule } from '#src/suggestion/rule.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { readEdits, type StatusEdit, writeActiveFiles } from './active-file.ts'
import type { Config } from './config.ts'
import { promote, revert } from './promotion.ts'

/** How soon a change by hand is noticed. */
const LOOK_MS = 2000

export interface TrialsOptions {
  readonly config: Pick<Config, 'decision' | 'max_active' | 'promote' | 'agents_directory'>
  readonly context: Pick<Context, 'store' | 'log' | 'now'>
  readonly rules: readonly CompiledRule[]
  /** Where `active.json` lies. */
  readonly directory: string
}

/** Takes suggestions through their life: what sessions say, and what people write into `active.json`, becomes events. */
export class Trials {
  readonly #options: TrialsOptions
  #turn: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #toldProblem: string | undefined
  /** Why files of agents were not changed, by the suggestion's id. */
  readonly #toldStays = new Map<string, string>()

  constructor(options: TrialsOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    await this.renewFiles()
    this.#timer = setInterval(() => {
      this.#inTurn(() => this.#takeEdits()).catch((error: unknown) => {
        this.#options.context.log.error({ error: String(error) }, 'a change of active.json was not taken over')
      })
    }, LOOK_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#turn
  }

  /**
   * What a session says is a function of the ledgers up to it, its time among it: after a kill the same events come of it.
   *
   * @param assessment is new in the ledger
   */
  settle({ line, sessionsSoFar }: Assessment): Promise<void> {
    const { rules, config, context } = this.#options
    const { suggestions } = context.store
    // Most sessions of most agent types.
    if (line.suggestions.length === 0 && suggestions.of(line.agent_type).length === 0) return Promise.resolve()
    const after = { session_id: line.session_id, revision: line.revision }
    const append = (events: readonly SuggestionEvent[]): Promise<void> =>
      this.#append(events.map((event) => ({ ...event, after })))
    return this.#inTurn(async () => {
      const at = line.ended_at
      await append(proposedEvents(line, rules, at))
      // Only sessions that were assigned decide anything, and there are none while old telemetry is read.
      if (suggestions.assignmentsOf(line.agent_type).length > 0) {
        const { lives, assignments, ended } = knowledgeOf(context.store, line.agent_type, sessionsSoFar)
        await append(decidedEvents(lives, assignments, ended, at))
        await append(await this.#takenOut(reopenedEvents(lives, assignments, ended, at)))
      }
      await append(await this.#promoted(line.agent_type, at))
      const { decision, max_active: maxActive } = config
      await append(activatedEvents(suggestions.of(line.agent_type), line, { decision, maxActive }, at))
    })
  }

  /** Writes `active.json` and the archive again; changes by hand are taken over before. */
  renewFiles(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#takeEdits()
      await writeProjections(this.#options.directory, this.#options.context.store)
    })
  }

  /** The file first: when the event is lost, the file is the same the next time. */
  async #promoted(agentType: string, at: string): Promise<readonly SuggestionEvent[]> {
    const { config, context, directory } = this.#options
    const events: SuggestionEvent[] = []
    for (const life of context.store.suggestions.of(agentType)) {
      if (life.state !== 'proven') continue
      const promotion = await this.#changeFile(life, () => promote(life, { ...config, directory }))
      if (promotion === undefined) continue
      if ('why' in promotion) this.#tellStays(life, promotion.why)
      else events.push(handEvent(life, 'promoted', promotion.reason, at))
    }
    return events
  }

  /** A comparison with sessions that read it in their agent's file would be none. @returns what is in no file any more */
  async #takenOut(reopened: readonly SuggestionEvent[]): Promise<readonly SuggestionEvent[]> {
    const { config, context } = this.#options
    const events: SuggestionEvent[] = []
    for (const event of reopened) {
      const life = context.store.suggestions.get(event.suggestion_id)
      if (life === undefined) continue
      const reverted = await this.#changeFile(life, () => revert(life, config))
      if (reverted === undefined) continue
      events.push(event)
      if (!('why' in reverted)) continue
      const fields = { suggestion: life.id, agent_type: life.agentType, reason: reverted.why }
      context.log.warn(fields, 'reopened, but not found in its file')
    }
    return events
  }

  /** A file that cannot be changed stops no other suggestion. */
  async #changeFile<Result>(life: SuggestionLife, change: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await change()
    } catch (error) {
      this.#tellStays(life, String(error))
      return undefined
    }
  }

  /** Once for each reason: it is tried again after each session of the agent type. */
  #tellStays({ id, agentType, state }: SuggestionLife, reason: string): void {
    if (this.#toldStays.get(id) === reason) return
    this.#toldStays.set(id, reason)
    const fields = { suggestion: id, agent_type: agentType, reason }
    this.#options.context.log.warn(fields, `the suggestion stays ${state}, its agent's file is as it was`)
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  async #takeEdits(): Promise<void> {
    const { directory, context } = this.#options
    const { events, problem } = await takeEdits(directory, context.store, this.#at())
    if (problem !== undefined && problem !== this.#toldProblem) context.log.warn({}, problem)
    this.#toldProblem = problem
    this.#logEvents(events)
  }

  async #append(events: readonly SuggestionEvent[]): Promise<void> {
    this.#logEvents(await this.#options.context.store.suggestions.append(events))
  }

  #logEvents(events: readonly SuggestionEvent[]): void {
    const { log } = this.#options.context
    for (const { event, suggestion_id: id, agent_type, reason } of events) {
      log.info({ suggestion: id, agent_type, reason }, `suggestion ${event}`)
    }
  }

  #at(): string {
    return new Date(this.#options.context.now()).toISOString()
  }
}

const BY_HAND = 'active.json was changed by hand'

type Projected = Pick<Store, 'history' | 'suggestions'>

export interface TakenEdits {
  readonly events: readonly SuggestionEvent[]
  /** What could not be read, in words. */
  readonly problem?: string
}

/**
 * Makes events of what a person changed in `active.json`, and writes it anew.
 *
 * @param at ISO 8601 in UTC
 */
export async function takeEdits(directory: string, store: Projected, at: string): Promise<TakenEdits> {
  const edits = await readEdits(directory)
  if (edits === undefined) return { events: [] }
  if (edits === 'unreadable') return { events: [], problem: 'active.json cannot be read: the next change replaces it' }
  const { statuses, malformed } = edits
  const events = await store.suggestions.append(statuses.flatMap((edit) => eventsOf(edit, store, at)))
  await writeProjections(directory, store)
  if (malformed.length === 0) return { events }
  return {
    events,
    problem: `active.json was changed by hand: without id or activation_status: ${malformed.join(', ')}`,
  }
}

function eventsOf({ id, status }: StatusEdit, { suggestions }: Projected, at: string): readonly SuggestionEvent[] {
  const life = suggestions.get(id)
  if (life === undefined || life.state === status) return []
  if (status === 'disabled') return [handEvent(life, 'disabled', BY_HAND, at)]
  return status === 'active' && life.state === 'disabled' ? [handEvent(life, 'enabled', BY_HAND, at)] : []
}

/** Makes `active.json` and `archive.json` from the ledgers. */
export async function writeProjections(directory: string, store: Projected): Promise<void> {
  const agentTypes = new Set(store.suggestions.all().map(({ agentType }) => agentType))
  const agents = [...agentTypes].map((agentType) => knowledgeOf(store, agentType))
  await writeActiveFiles(directory, activeDocument(agents), archiveDocument(agents))
}

/** @param sessionsSoFar those that came into the ledger later are left out */
function knowledgeOf({ history, suggestions }: Projected, agentType: string, sessionsSoFar?: number): AgentKnowledge {
  const assignments = suggestions.assignmentsOf(agentType)
  const lives = suggestions.of(agentType)
  // Only sessions that were assigned say something about suggestions.
  if (assignments.length === 0) return { lives, assignments, ended: [] }
  const past = sessionsSoFar === undefined ? history.of(agentType) : history.upTo(agentType, sessionsSoFar)
  const ended = (past?.window ?? []).map(
    ({ sessionId, endedAt, kpis, inputs, model, agentVersion }): EndedSession => ({
      sessionId,
      endedAt,
      kpis,
      inputs,
      stratum: { model, agent_version: agentVersion },
    }),
  )
  return { lives, assignments, ended }
}
