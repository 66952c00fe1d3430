import { basename } from 'node:path'
import type { Batch, Context } from '#src/component.ts'
import type { SuggestionEvent } from '#src/model/suggestion.ts'
import type { Store } from '#src/store/store.ts'
import { type AgentKnowledge, activeDocument, archiveDocument } from '#src/suggestion/active-document.ts'
import type { EndedSession } from '#src/suggestion/agent-trials.ts'
import { activatedEvents, decidedEvents, handEvent, proposedEvents } from '#src/suggestion/next-events.ts'
import type { CompiledRule } from '#src/suggestion/rule.ts'
import { readEdits, type StatusEdit, writeActiveFiles } from './active-file.ts'
import type { Config } from './config.ts'
import { promote } from './promotion.ts'

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

  /** @param batch sessions that are new in the ledger */
  settle(batch: Batch<'assessment'>): Promise<void> {
    return this.#inTurn(async () => {
      const { rules } = this.#options
      await this.#takeEdits()
      for (const { line, live } of batch) {
        // Most sessions of most agent types.
        const { suggestions } = this.#options.context.store
        if (live || (line.suggestions.length === 0 && suggestions.of(line.agent_type).length === 0)) continue
        const at = this.#at()
        await this.#append(proposedEvents(line, rules, at))
        const { lives, assignments, ended } = knowledgeOf(this.#options.context.store, line.agent_type)
        await this.#append(decidedEvents(lives, assignments, ended, at))
        await this.#promote(line.agent_type, at)
        const { decision, max_active: maxActive } = this.#options.config
        await this.#append(activatedEvents(suggestions.of(line.agent_type), line, { decision, maxActive }, at))
      }
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
  async #promote(agentType: string, at: string): Promise<void> {
    const { config, context, directory } = this.#options
    const { suggestions } = context.store
    for (const life of suggestions.of(agentType)) {
      if (life.state !== 'proven') continue
      const path = await promote(life, { ...config, directory })
      if (path === undefined) continue
      await this.#append([handEvent(life, 'promoted', `written into ${basename(path)}`, at)])
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

function knowledgeOf({ history, suggestions }: Projected, agentType: string): AgentKnowledge {
  const ended = (history.of(agentType)?.window ?? []).map(
    ({ sessionId, kpis, inputs, model, agentVersion }): EndedSession => ({
      sessionId,
      kpis,
      inputs,
      stratum: { model, agent_version: agentVersion },
    }),
  )
  return { lives: suggestions.of(agentType), assignments: suggestions.assignmentsOf(agentType), ended }
}
