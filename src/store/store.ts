import type { Ack } from '../model/ack.ts'
import type { Assessment, KpiHistory, LedgerLine } from '../model/assessment.ts'
import type { InjectionLine } from '../model/injection.ts'
import type { SuggestionEvent } from '../model/suggestion.ts'
import type { Assignment } from '../suggestion/assignment.ts'
import type { SuggestionLife } from '../suggestion/suggestion-life.ts'

/** A JSON value: what positions and session states are stored as. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Where receivers stand in their logs, by component id and a key of the component's choice (a file, a partition). */
export interface Positions {
  get(component: string, key: string): Json | undefined
  set(component: string, key: string, position: Json): void
  delete(component: string, key: string): void
  keys(component: string): Iterable<string>
}

export type SessionPhase = 'open' | 'closing' | 'closed'

/** What is known of a session without loading its state. Times are epoch milliseconds of its activities. */
export interface SessionMeta {
  readonly phase: SessionPhase
  readonly startMs: number
  readonly endMs: number
  /** The last thing heard of the session is that it ended. */
  readonly endSignalled: boolean
}

/** How a session's state becomes text and back. `decode(encode(s))` equals `s`. */
export interface StateCodec<S> {
  encode(state: S): string
  decode(text: string): S
  meta(state: S): SessionMeta
  /** Makes a state that of a session which was closed as a revision. */
  close(state: S, revision: number): void
}

/** A session's state in memory. Whoever changes `state` sets `dirty`. */
export interface StateEntry<S> {
  readonly id: string
  state: S
  dirty: boolean
}

/**
 * States of open sessions and of those that may still be reopened. Only the most recently used ones are in memory;
 * the others lie in a log on disk. An entry must not be kept across an `await`: it may have been moved to disk.
 */
export interface SessionStates<S> {
  get(id: string): StateEntry<S> | undefined
  create(id: string, state: S): StateEntry<S>
  delete(id: string): void
  /** Notes that a session was closed and takes it out of memory. Its entry must not be used any more. */
  close(id: string, revision: number): void
  /** All sessions with their meta data, in no particular order. */
  list(): Iterable<readonly [id: string, meta: SessionMeta]>
  readonly size: number
}

/** One committed assessment of an agent type, at its place in the ledger. */
export interface HistoryEntry {
  /** Number of the session's first revision in the ledger, from 0: revisions keep their place. */
  readonly place: number
  readonly sessionId: string
  readonly endedAt: string
  readonly model: string | null
  readonly agentVersion: string | null
  readonly kpis: Readonly<Record<string, number>>
  /** Number of inputs that each KPI rests on. */
  readonly inputs: Readonly<Record<string, number>>
  /** From the baseline as it was before the session, in standard deviations; positive is worse. */
  readonly deviations: Readonly<Record<string, number>>
  /** It tells nothing of how its agent does. */
  readonly didNothing: boolean
}

/** The last committed assessments of one agent type. */
export interface AgentHistory {
  readonly agentType: string
  /** All sessions of the agent type ever committed. */
  readonly sessionCount: number
  /** The last ones by place, oldest first, at most {@link HISTORY_WINDOW}; the last revision of each. */
  readonly window: readonly HistoryEntry[]
}

/** Baselines are functions of at most this many sessions; with α ≥ 0.1 older ones would weigh less than 1e-9. */
export const HISTORY_WINDOW = 200

/** The projections of the ledger that components read: always as of the last commit. */
export interface History {
  agentTypes(): readonly string[]
  of(agentType: string): AgentHistory | undefined
  /** The history that a session is compared with: what was committed before it, or stands before it if it is known. */
  before(agentType: string, sessionId: string): AgentHistory | undefined
  /** The history when the ledger had so many sessions; revisions that came later are in it. */
  upTo(agentType: string, sessionCount: number): AgentHistory | undefined
  /** The last committed revision of a session; 0 when it was never committed. */
  revisionOf(sessionId: string): number
  /** What was committed as this revision of a session, if it was. */
  lineOf(sessionId: string, revision: number): LedgerLine | undefined
  /** Whether a session was ever committed, however long ago. Always false where sessions are analysed anew. */
  knows(sessionId: string): boolean
  /** How the values of a line stand among all committed ones, itself included. */
  standing(line: LedgerLine): Readonly<Record<string, KpiHistory>>
}

/** The ledger of suggestions and what follows from it: always as of the last event. */
export interface Suggestions {
  /** In the order in which they were proposed. */
  all(): readonly SuggestionLife[]
  of(agentType: string): readonly SuggestionLife[]
  get(id: string): SuggestionLife | undefined
  /** Of an agent type, oldest first. */
  assignmentsOf(agentType: string): readonly Assignment[]
  /** Kept secret from agents: decides which sessions get what. */
  readonly salt: string
  /**
   * Appends what fits; the rest changes nothing. Resolves when it is durable.
   *
   * @returns the events that were appended
   */
  append(events: readonly SuggestionEvent[]): Promise<readonly SuggestionEvent[]>
}

/** Which alarms somebody has seen: the last word on each. */
export interface Acks {
  all(): readonly Ack[]
  of(agentType: string, sessionId: string): Ack | undefined
  /** Resolves when it is durable. */
  append(ack: Ack): Promise<void>
}

/** What agents were told, for the record. */
export interface Injections {
  append(line: InjectionLine): void
}

/** agentperf's state on disk, as components see it. */
export interface Store {
  /** Where ledgers and projections lie; exporters write below it by default. */
  readonly directory: string
  /** Of a command that leaves nothing behind: no component may write below `directory`. */
  readonly ephemeral?: boolean
  readonly positions: Positions
  readonly history: History
  readonly suggestions: Suggestions
  readonly acks: Acks
  readonly injections: Injections
  /**
   * Lets an agent type's baseline begin anew: its sessions so far stay in the ledger and count no longer.
   *
   * @param at ISO 8601
   */
  resetHistory(agentType: string, at: string): Promise<void>
  /** One state per session id, shared by the pipelines that ask with the same name. */
  sessionStates<S>(name: string, codec: StateCodec<S>): SessionStates<S>
  /** Any small state of a component that must survive a crash together with the positions. */
  readonly notes: Positions
  /** Calls back right before each checkpoint, for notes that are costly to keep up to date. */
  beforeCheckpoint(save: () => void): void
  /** Writes positions and session states to disk, together and atomically. */
  checkpoint(): Promise<void>
}

/** A committed assessment, and where its ledger line ends in bytes. */
export interface LedgerEntry {
  readonly assessment: Assessment
  readonly endOffset: number
}

/** What a commit is asked for beside the commit itself. */
export interface CommitOptions {
  /** Whether each assessment gets its history; it does unless told otherwise. */
  readonly withHistory?: boolean
}

/** Appends to the ledger; only the service commits. */
export interface LedgerWriter {
  /**
   * Appends to the ledger and renews the history. The lines reach the disk with the next `sync` or checkpoint: until then
   * the checkpoint before them has the sessions, so that a crash repeats the same lines.
   *
   * @returns the assessments that are new, with their history if it is asked for; those already in the ledger are left out
   */
  commit(assessments: readonly Assessment[], options?: CommitOptions): Promise<readonly LedgerEntry[]>
  /** Makes all committed lines durable. A checkpoint does so first. */
  sync(): Promise<void>
}
