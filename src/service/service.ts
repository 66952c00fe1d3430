import type { Context, Kind, Logger } from '../component.ts'
import type { LoadedConfig } from '../config/config.ts'
import { withoutCredentials } from '../config/secret.ts'
import { EnvironmentError } from '../errors.ts'
import { buildGraph, type Graph } from '../graph/build.ts'
import { endOfInput, startGraph, stopGraph } from '../graph/lifecycle.ts'
import type { LedgerLine } from '../model/assessment.ts'
import type { Endpoint } from '../net/listen.ts'
import type { OpenStore, UnfinishedEntry } from '../store/open-store.ts'
import { Accounting, type ComponentAccount } from './accounting.ts'
import type { AdminServer } from './admin.ts'
import { AnalysisLatency } from './analysis-latency.ts'
import { CommitStage } from './commit-stage.ts'
import { DirectFeed } from './direct-feed.ts'
import { ExporterFeed } from './exporter-feed.ts'
import { limitHeapGrowth } from './heap-growth.ts'
import { HookAnswers } from './hook-answers.ts'
import { InputProgress, type InputRead } from './input-progress.ts'
import type { MetricsExport } from './metrics-export.ts'
import { metricsTarget, OWN_METRICS } from './metrics-target.ts'
import { OwnMetrics } from './own-metrics.ts'

/** A crash repeats at most this much work. */
const CHECKPOINT_INTERVAL_MS = 5000
const RECOVERY_BATCH = 256

export interface ServiceOptions {
  readonly config: LoadedConfig
  readonly store: OpenStore
  readonly loggerFor: (component: string) => Logger
  readonly nowMs: () => number
  /** `direct`: exporters get what is committed from now on, and no cursor is kept. */
  readonly delivery?: 'by_cursor' | 'direct'
  /** How often an exporter is tried with the same sessions before it is given up; for ever unless given. */
  readonly maxAttempts?: number
  /** Told of each session when it is in the ledger. */
  readonly onCommitted?: (lines: readonly LedgerLine[]) => void
  /** Told when everything has been loaded and started, before the work begins. */
  readonly onStarted?: (() => void) | undefined
}

/** Runs the pipelines of one configuration: build, start, checkpoint, stop. */
export class Service {
  readonly #options: ServiceOptions
  readonly #log: Logger
  readonly #accounting: Accounting
  readonly #metrics: OwnMetrics
  readonly #progress = new InputProgress()
  readonly #decisions: HookAnswers
  readonly #graph: Graph
  readonly #stages: CommitStage[] = []
  readonly #startedMs: number
  #admin: AdminServer | undefined
  #metricsExport: MetricsExport | undefined
  #checkpointTimer: NodeJS.Timeout | undefined
  #ready = false
  #recovering: Promise<void> | undefined
  /** `done`: nothing is left of what the last process left unfinished, nor of what failed of it. */
  #recovery: 'begun' | 'gone_through' | 'done' = 'begun'

  /** @throws ConfigError when the pipelines cannot be built; nothing was started then */
  constructor(options: ServiceOptions) {
    this.#options = options
    this.#log = options.loggerFor('service')
    this.#accounting = new Accounting(options.store.counters.get())
    this.#decisions = new HookAnswers(options.store)
    this.#startedMs = options.nowMs()
    const latency = new AnalysisLatency(options.store.notes, this.#startedMs)
    options.store.beforeCheckpoint(() => {
      options.store.counters.set(this.#accounting.toJson())
      latency.save(options.store.notes)
      if (!this.#isRecovered()) return
      const unfinished = this.#stages.flatMap(({ unfinishedFrom }) => unfinishedFrom ?? [])
      options.store.finishedUpTo(Math.min(options.store.endOffset(), ...unfinished))
    })
    this.#metrics = new OwnMetrics(this.#accounting)
    this.#graph = buildGraph({
      config: options.config,
      edge: (edge) => this.#metrics.edge(edge),
      contextFor: (id, kind) => this.#contextFor(id, kind),
      commitStage: ({ processors, exporters }) => {
        const { store, loggerFor, onCommitted = () => {} } = options
        const feeds = exporters.map(({ id, consumer }) =>
          options.delivery === 'direct'
            ? new DirectFeed(consumer)
            : new ExporterFeed({ id, consumer, ledger: store, log: loggerFor(id), maxAttempts: options.maxAttempts }),
        )
        const stage = new CommitStage(store, processors, feeds, this.#log, (lines) => {
          latency.committed(lines, options.nowMs())
          onCommitted(lines)
        })
        this.#stages.push(stage)
        return async (batch) => {
          // Sessions come already while processors start, and those of the last process come before them.
          await this.#recover()
          await stage.take(batch)
        }
      },
    })
  }

  async start(): Promise<void> {
    await startGraph(this.#graph, this.#log)
    this.#options.onStarted?.()
    limitHeapGrowth()
    await this.#recover()
    for (const stage of this.#stages) stage.start()
    this.#checkpointTimer = setInterval(() => this.#checkpoint(), CHECKPOINT_INTERVAL_MS)
    this.#ready = true
  }

  /** Serves health and counters. @returns the port */
  async startAdmin(endpoint: Endpoint): Promise<number> {
    // Its HTTP server is what takes longest to load.
    const { AdminServer } = await import('./admin.ts')
    const { allowed_hosts } = this.#options.config.service.admin
    this.#admin = new AdminServer(endpoint, allowed_hosts, {
      ready: () => this.#ready,
      accounts: () => this.#accounting.components(),
      uptimeMs: () => this.#options.nowMs() - this.#startedMs,
      metrics: this.#metrics.reader(),
    })
    return this.#admin.start()
  }

  /** Sends what it tells of itself to where the configuration says, if it says so. */
  async startMetricsExport(): Promise<void> {
    const { config } = this.#options
    const target = metricsTarget(config)
    if (target === undefined) return
    const { MetricsExport } = await import('./metrics-export.ts')
    this.#metricsExport = await MetricsExport.start({
      target,
      intervalMs: config.service.telemetry.metrics.interval,
      context: this.#contextFor(OWN_METRICS, 'exporter'),
      collect: this.#metrics.reader(),
    })
    this.#log.info({ endpoint: withoutCredentials(target.endpoint) }, 'sends its own metrics')
  }

  accounts(): ReadonlyMap<string, ComponentAccount> {
    return this.#accounting.components()
  }

  inputRead(): InputRead {
    return this.#progress.total()
  }

  /** Settles when every receiver has handed on all its input; never, where one listens or follows. */
  async inputFinished(): Promise<void> {
    const never = new Promise<void>(() => {})
    await Promise.all(this.#graph.receivers.map(({ finished }) => finished ?? never))
  }

  /** Ends all open sessions, as one-shot commands do, and waits until the exporters have them. */
  async finish(): Promise<void> {
    await endOfInput(this.#graph)
    await this.drain()
  }

  /**
   * Waits until the exporters have all that was committed.
   *
   * @throws EnvironmentError when some were given up; the others have everything then
   */
  async drain(): Promise<void> {
    const failures: Error[] = []
    for (const stage of this.#stages) failures.push(...(await stage.drain()))
    if (failures.length === 0) return
    const reasons = failures.map(({ message }) => message).join('\nagentperf: ')
    throw new EnvironmentError(`${reasons}\nWhat it has not taken is in the ledger, and the next run hands it on.`, {
      cause: new AggregateError(failures),
    })
  }

  /** Lets exporters remove what they wrote before everything is exported again. */
  async forgetExported(): Promise<void> {
    for (const { component } of this.#graph.components) if ('reset' in component) await component.reset?.()
  }

  /** Lets processors make their files of sessions again that are in the ledger. */
  async renewProjections(lines: readonly LedgerLine[]): Promise<void> {
    for (const stage of this.#stages) await stage.renew(lines.map((line) => ({ line, live: false })))
  }

  /** Stops taking in, hands on what is under way, saves the open sessions. Safe to call twice. */
  async stop(): Promise<void> {
    this.#ready = false
    clearInterval(this.#checkpointTimer)
    await this.#admin?.stop()
    const { config, store } = this.#options
    const { shutdown_timeout } = config.service
    const deadlineMs = performance.now() + shutdown_timeout
    await stopGraph(this.#graph, shutdown_timeout, this.#log, async () => {
      for (const stage of this.#stages) await stage.stop()
    })
    await this.#metricsExport?.stop(Math.max(0, deadlineMs - performance.now()))
    this.#metricsExport = undefined
    this.#metrics.stop()
    await store.checkpoint()
  }

  #contextFor(id: string, kind: Kind): Context {
    const { store, loggerFor, nowMs } = this.#options
    return {
      id,
      log: loggerFor(id),
      now: nowMs,
      // A receiver and an exporter may have the same id.
      items: this.#accounting.itemsOf(`${kind}/${id}`),
      progress: this.#progress.of(id),
      store,
      decisions: this.#decisions,
    }
  }

  #recover(): Promise<void> {
    this.#recovering ??= this.#finishCommitted()
    return this.#recovering
  }

  /** Does what follows from sessions after whose commit the last process was killed. */
  async #finishCommitted(): Promise<void> {
    let batch: UnfinishedEntry[] = []
    const finish = async (): Promise<void> => {
      for (const stage of this.#stages) await stage.recover(batch)
      batch = []
    }
    for await (const entry of this.#options.store.unfinished()) {
      batch.push(entry)
      if (batch.length >= RECOVERY_BATCH) await finish()
    }
    if (batch.length > 0) await finish()
    this.#recovery = 'gone_through'
  }

  #isRecovered(): boolean {
    if (this.#recovery === 'gone_through' && !this.#stages.some(({ hasUnfinished }) => hasUnfinished)) {
      this.#recovery = 'done'
    }
    return this.#recovery === 'done'
  }

  #checkpoint(): void {
    this.#options.store.checkpoint().catch((error: unknown) => {
      this.#log.error({ error: String(error) }, 'the checkpoint was not written; it is tried again')
    })
  }
}
