import type * as z from 'zod'
import type { Assessment } from './model/assessment.ts'
import type { InjectionLine } from './model/injection.ts'
import type { OtlpRequest } from './model/otlp-request.ts'
import type { Session } from './model/session.ts'
import type { SuggestionEvent } from './model/suggestion.ts'
import type { Telemetry } from './model/telemetry.ts'
import type { Store } from './store/store.ts'

/** What travels between components: signal name → item type. */
export interface Signals {
  telemetry: Telemetry
  session: Session
  assessment: Assessment
}

export type Signal = keyof Signals
export type Batch<S extends Signal> = readonly Signals[S][]

/**
 * Hands a batch on. Resolves when it was accepted downstream: awaiting it is the backpressure. What an item tells must have been
 * read by then: it may refer to memory that is given back.
 */
export interface Next<S extends Signal> {
  (batch: Batch<S>): Promise<void>
  /** Absent unless somebody downstream takes whole OTLP requests. */
  readonly passing?: Passing | undefined
}

/** How whole OTLP requests are handed on, as they came, instead of their items. */
export interface Passing {
  /** Resolves when all who take requests have it safe: only then may its sender be told that it arrived. */
  pass(request: OtlpRequest): Promise<void>
  /** For the items of a request that was passed: to all who take no requests. Absent when there is nobody. */
  readonly others?: Next<'telemetry'> | undefined
}

export interface Component {
  start(): Promise<void>
  /**
   * Stops taking in, flushes, releases. Safe to call twice, and without `start`.
   *
   * @param withinMs after that nobody waits for it any more; no limit unless given
   */
  stop(withinMs?: number): Promise<void>
}

export interface Receiver extends Component {
  /** Settles when a one-shot receiver has handed on all its input; absent where input never ends. */
  readonly finished?: Promise<void>
}

export interface Consumer<In extends Signal> extends Component {
  consume(batch: Batch<In>): Promise<void>
  /** Takes a whole OTLP request instead of its items. Of processors: present when what comes after takes it too. */
  pass?(request: OtlpRequest): Promise<void>
  /** No more input will come: closes and hands on what is still open. Only one-shot commands call it. */
  endOfInput?(): Promise<void>
  /** Of exporters: whether they read {@link Assessment.history}, which is worked out only where somebody does. */
  readonly readsHistory?: boolean
  /** Of exporters that own files: removes them, before `agentperf rebuild` exports everything again. */
  reset?(): Promise<void>
}

export interface Processor<In extends Signal> extends Consumer<In> {
  /**
   * Told of each assessment that is new in the ledger, in its order, before `committed`: appends what follows from it to the
   * ledger of suggestions. Told again when it failed.
   */
  settle?(assessment: Assessment): Promise<void>
  /** Told what was committed to the ledger, to renew the projections that it owns. Told again when it failed. */
  committed?(batch: Batch<'assessment'>): Promise<void>
}

export type Stability = 'development' | 'alpha' | 'beta' | 'stable'

interface FactoryBase<Config> {
  /** The word in pipelines.yaml; also the folder's name, log field and metric label. */
  readonly type: string
  readonly stability: Stability
  /** One sentence for `agentperf components`. */
  readonly description: string
  /** A strict object with a default and a description for every key. */
  readonly configSchema: z.ZodType<Config>
}

// `create` is declared as a method: its parameters are bivariant, so that every factory fits the registry without a
// cast. graph/check.ts checks at run time what this erases.
export interface ReceiverFactory<Config = unknown, Out extends Signal = Signal> extends FactoryBase<Config> {
  readonly kind: 'receiver'
  readonly produces: Out
  create(config: Config, context: Context, next: Next<Out>): Receiver
}

export interface ProcessorFactory<Config = unknown, In extends Signal = Signal, Out extends Signal = Signal>
  extends FactoryBase<Config> {
  readonly kind: 'processor'
  /** Takes secrets and personal data out of what passes through. */
  readonly masks?: boolean
  readonly consumes: In
  readonly produces: Out
  create(config: Config, context: Context, next: Next<Out>): Processor<In>
}

export interface ExporterFactory<Config = unknown, In extends Signal = Signal> extends FactoryBase<Config> {
  readonly kind: 'exporter'
  readonly consumes: In
  /** Of exporters that send telemetry to others as it came: what to do when nothing masks before them, unless it is wanted. */
  unmasked?(config: Config): string | undefined
  create(config: Config, context: Context): Consumer<In>
}

export type Factory = ReceiverFactory | ProcessorFactory | ExporterFactory
export type Kind = Factory['kind']

/** All component types of one build. */
export type Registry = readonly Factory[]

export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/**
 * What became of an item. Nothing leaves without one of these, so that always
 * in = used + duplicate + ignored + unattributed + held + dropped.
 */
export type ItemOutcome = 'used' | 'duplicate' | 'ignored' | 'unattributed' | 'dropped'

/** A component's loss accounting. */
export interface Items {
  received(count: number): void
  /** @param reason a word of a small closed set; required for `ignored` and `dropped` */
  settled(outcome: ItemOutcome, count: number, reason?: string): void
  /** How many received items wait for a decision right now. */
  holding(count: number): void
  /** Counts a name that no dialect knows, for `agentperf doctor`. Bounded; what may be data is counted without its name. */
  unknownName(name: string): void
  /** Counts what happened to no whole item: a truncated file, a replaced byte. @param what a word of a small closed set */
  noticed(what: string, count: number): void
  /** Has a value of the moment, for whoever asks for it. */
  observe(gauge: Gauge, read: () => number | ReadonlyMap<string, number>): void
}

/** What components can tell of themselves at any moment. `file_lag_bytes`: what is not read yet, by file. */
export type Gauge =
  | 'open_sessions'
  | 'queue_requests'
  | 'queue_bytes'
  | 'queue_capacity_bytes'
  | 'queue_age_seconds'
  | 'file_lag_bytes'

/** How far receivers that scan for input have come; decides when idle sessions may end. */
export interface Progress {
  /** All input known at this time was handed on. Receivers that scan call it first in `start`, with 0. */
  scanned(scanStartedAtMs: number): void
  /** The time up to which all input is known: the minimum over scanning receivers, `Infinity` without any. */
  scannedUntilMs(): number
  /** Calls back after each `scanned`. @returns how to unsubscribe */
  onScanned(listener: () => void): () => void
  /** Bytes read and bytes known, for the progress bar. */
  read(doneBytes: number, knownBytes: number, files: number): void
}

/** Answers a hook that wants text or a decision: from the projections alone, without waiting. */
export interface Decisions {
  answerHook(event: Readonly<Record<string, unknown>>, nowMs: number): HookAnswer
  /** Whoever names agent types says how: hooks come before the sessions that they belong to. */
  nameAgentTypes(names: AgentTypeNames): void
  /** Whoever raises alerts says what agents and people are told of them. */
  tellAlarms(alarms: Alarms): void
}

/** What hooks are answered because of alarms. */
export interface Alarms {
  /** @returns what the agent is told at its start, as Markdown; empty when there is nothing */
  atStart(start: AgentStart): string
  atPrompt(prompt: Prompt): PromptAnswer
}

/** An agent that starts: the main one of a session, or a subagent. */
export interface AgentStart {
  readonly sessionId: string
  readonly agentType: string
  /** The session itself begins with it. */
  readonly begins: boolean
}

/** What an agent is about to be asked. */
export interface Prompt {
  readonly sessionId: string
  readonly agentType: string
  readonly text: string
  readonly nowMs: number
}

export interface PromptAnswer {
  /** Why the prompt is not let through. */
  readonly block?: string
  /** What the agent should know beside it. */
  readonly context?: string
}

/** What agents are called that hooks tell of. */
export interface AgentTypeNames {
  /** @param told by the hook, if anything */
  ofSession(told: string | undefined): string
  ofSubagent(told: string | undefined): string
}

export interface HookAnswer {
  /** The JSON body that the hook gets. */
  readonly body: Readonly<Record<string, unknown>>
  /** What must be recorded before it is sent. */
  readonly events: readonly SuggestionEvent[]
  /** What it tells the agent; absent where it tells nothing. */
  readonly injection?: InjectionLine
}

/** What the service gives to each component. */
export interface Context {
  /** The component's id: `type` or `type/name`; processors: `pipeline/type`. */
  readonly id: string
  readonly log: Logger
  /** Epoch milliseconds. */
  now(): number
  readonly items: Items
  readonly progress: Progress
  readonly store: Store
  readonly decisions: Decisions
}
