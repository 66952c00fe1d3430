import { existsSync } from 'node:fs'
import { type LedgerLineName, SUGGESTION_SCHEMA, type SuggestionEvent } from '#src/model/suggestion.ts'
import { assignmentsOf } from '#src/suggestion/agent-trials.ts'
import type { Assignment } from '#src/suggestion/assignment.ts'
import { applyEvent, type Refusal, type SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { layoutOf } from './layout.ts'
import { Ledger } from './ledger.ts'
import { newerFormat } from './newer-format.ts'
import type { Suggestions } from './store.ts'
import { parseSuggestionEvent } from './suggestion-event-schema.ts'
import { readWholeLines } from './whole-lines.ts'

export interface SuggestionLedgerOptions {
  readonly path: string
  readonly salt: string
  /** Events are only kept in memory. */
  readonly readOnly: boolean
}

/** `history/suggestions.jsonl` with the life of each suggestion, folded from it. The file is made with the first event. */
export class SuggestionLedger implements Suggestions {
  readonly salt: string
  /** What was found damaged at opening; empty when all was well. */
  readonly report: readonly string[]
  readonly #options: SuggestionLedgerOptions
  readonly #lives = new Map<string, SuggestionLife>()
  /** By agent type, oldest first. */
  readonly #assigned = new Map<string, SuggestionEvent[]>()
  /** Made of `#assigned` when asked for. */
  readonly #assignments = new Map<string, readonly Assignment[]>()
  readonly #refused = new Map<Refusal, number>()
  #file: Ledger | undefined
  #lastAfter: LedgerLineName | undefined

  /** @throws {EnvironmentError} when it cannot be read, or a newer agentperf wrote a line of it */
  constructor(options: SuggestionLedgerOptions) {
    const { path, salt, readOnly } = options
    this.salt = salt
    this.#options = options
    if (!readOnly && existsSync(path)) this.#file = Ledger.openForWriting(path)
    try {
      const { events, badLines } = readEvents(path)
      for (const event of events) this.#take(event)
      this.report = this.#problems(badLines)
    } catch (error) {
      this.#file?.close()
      throw error
    }
  }

  /** The last ledger line from which an event followed: what follows from those before it is there. */
  get lastAfter(): LedgerLineName | undefined {
    return this.#lastAfter
  }

  all(): readonly SuggestionLife[] {
    return [...this.#lives.values()]
  }

  of(agentType: string): readonly SuggestionLife[] {
    return this.all().filter((life) => life.agentType === agentType)
  }

  get(id: string): SuggestionLife | undefined {
    return this.#lives.get(id)
  }

  assignmentsOf(agentType: string): readonly Assignment[] {
    const known = this.#assignments.get(agentType)
    if (known !== undefined) return known
    const assignments = assignmentsOf(this.#assigned.get(agentType) ?? [], agentType)
    this.#assignments.set(agentType, assignments)
    return assignments
  }

  // Up to the first `await` nothing comes in between: file and lives change together.
  async append(events: readonly SuggestionEvent[]): Promise<readonly SuggestionEvent[]> {
    const before = new Map(this.#lives)
    const taken = events.filter((event) => this.#takeLife(event))
    if (taken.length === 0) return taken
    if (!this.#options.readOnly) {
      try {
        this.#file ??= Ledger.openForWriting(this.#options.path)
        this.#file.append(Buffer.from(taken.map((event) => `${JSON.stringify(event)}\n`).join('')))
      } catch (error) {
        this.#lives.clear()
        for (const [id, life] of before) this.#lives.set(id, life)
        throw error
      }
    }
    for (const event of taken) this.#keep(event)
    await this.#file?.sync()
    return taken
  }

  close(): void {
    this.#file?.close()
  }

  #take(event: SuggestionEvent): void {
    if (this.#takeLife(event)) this.#keep(event)
  }

  #takeLife(event: SuggestionEvent): boolean {
    const result = applyEvent(this.#lives.get(event.suggestion_id), event)
    if ('life' in result) this.#lives.set(event.suggestion_id, result.life)
    else this.#refused.set(result.refused, (this.#refused.get(result.refused) ?? 0) + 1)
    return 'life' in result
  }

  #keep(event: SuggestionEvent): void {
    this.#lastAfter = event.after ?? this.#lastAfter
    if (event.event !== 'assigned') return
    this.#assignments.delete(event.agent_type)
    const known = this.#assigned.get(event.agent_type)
    if (known === undefined) this.#assigned.set(event.agent_type, [event])
    else known.push(event)
  }

  #problems(badLines: number): readonly string[] {
    const { path } = this.#options
    const tornBytes = this.#file?.repair.tornBytes ?? 0
    return [
      ...(tornBytes > 0 ? [`${path} ended in an unfinished line: its ${tornBytes} bytes were cut off.`] : []),
      ...(badLines > 0 ? [`${path} has ${badLines} lines that are no events of suggestions: they were skipped.`] : []),
      ...[...this.#refused].map(
        ([reason, count]) =>
          `${path} has ${count} events that do not fit the suggestion's life (${reason}): no effect.`,
      ),
    ]
  }
}

/** All events of suggestions in a storage directory, oldest first. */
export function readSuggestionEvents(directory: string): readonly SuggestionEvent[] {
  return readEvents(layoutOf(directory).suggestions).events
}

function readEvents(path: string): { readonly events: readonly SuggestionEvent[]; readonly badLines: number } {
  const lines = readWholeLines(path)
  const events: SuggestionEvent[] = []
  for (const [index, line] of lines.entries()) {
    const event = parseSuggestionEvent(line)
    if (event !== undefined) events.push(event)
    else refuseNewer(line, `${path}:${index + 1}`)
  }
  return { events, badLines: lines.length - events.length }
}

function refuseNewer(line: string, place: string): void {
  const [, schema] = /"schema":(\d+)/.exec(line) ?? []
  if (schema === undefined || Number(schema) <= SUGGESTION_SCHEMA) return
  throw newerFormat({ place, what: 'an event', unit: 'schema', newest: SUGGESTION_SCHEMA, found: Number(schema) })
}
