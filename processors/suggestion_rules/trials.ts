import type { Context } from '#src/component.ts'
import type { Assessment } from '#src/model/assessment.ts'
import type { SuggestionEvent } from '#src/model/suggestion.ts'
import type { Store } from '#src/store/store.ts'
import { type AgentKnowledge, activeDocument, archiveDocument } from '#src/suggestion/active-document.ts'
import type { EndedSession } from '#src/suggestion/agent-trials.ts'
import { activatedEvents, decidedEvents, handEvent, proposedEvents } from '#src/suggestion/next-events.ts'
import { reopenedEvents } from '#src/suggestion/reopened-events.ts'
import type { CompiledRule } from '#src/suggestion/rule.ts'
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
  #toldUnreadable = false

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
        const reopened = reopenedEvents(lives, assignments, ended, at)
        await this.#takeOut(reopened)
        await append(reopened)
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
      const reason = await promote(life, { ...config, directory })
      if (reason !== undefined) events.push(handEvent(life, 'promoted', reason, at))
    }
    return events
  }

  /** A comparison with sessions that read it in their agent's file would be none. */
  async #takeOut(reopened: readonly SuggestionEvent[]): Promise<void> {
    const { config, context } = this.#options
    for (const { suggestion_id: id } of reopened) {
      const life = context.store.suggestions.get(id)
      if (life !== undefined) await revert(life, config)
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  async #takeEdits(): Promise<void> {
    const { directory, context } = this.#options
    const edits = await readEdits(directory)
    if (edits === 'unreadable') {
      if (!this.#toldUnreadable) context.log.warn({}, 'active.json cannot be read: the next change replaces it')
      this.#toldUnreadable = true
      return
    }
    this.#toldUnreadable = false
    if (edits.length === 0) return
    await this.#append(edits.flatMap((edit) => this.#eventsOf(edit)))
    await writeProjections(directory, context.store)
  }

  #eventsOf({ id, status }: StatusEdit): readonly SuggestionEvent[] {
    const life = this.#options.context.store.suggestions.get(id)
    if (life === undefined || life.state === status) return []
    if (status === 'disabled') return [handEvent(life, 'disabled', BY_HAND, this.#at())]
    return status === 'active' && life.state === 'disabled' ? [handEvent(life, 'enabled', BY_HAND, this.#at())] : []
  }

  async #append(events: readonly SuggestionEvent[]): Promise<void> {
    const { store, log } = this.#options.context
    for (const { event, suggestion_id: id, agent_type, reason } of await store.suggestions.append(events)) {
      log.info({ suggestion: id, agent_type, reason }, `suggestion ${event}`)
    }
  }

  #at(): string {
    return new Date(this.#options.context.now()).toISOString()
  }
}

const BY_HAND = 'active.json was changed by hand'

type Projected = Pick<Store, 'history' | 'suggestions'>

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
