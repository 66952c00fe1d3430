import * as z from 'zod'
import type {
  Batch,
  Component,
  Consumer,
  Context,
  ExporterFactory,
  Kind,
  Logger,
  Next,
  Processor,
  ProcessorFactory,
  ReceiverFactory,
  Registry,
  Signal,
} from '#src/component.ts'
import { loadConfig } from '#src/config/load.ts'
import { buildGraph, type CommitPipeline, type Graph } from './build.ts'

/** What components of a test do besides recording. */
export interface Behaviour {
  readonly start?: (id: string) => Promise<void>
  readonly stop?: (id: string, withinMs?: number) => Promise<void>
  readonly consume?: (id: string) => Promise<void>
  readonly endOfInput?: (id: string) => Promise<void>
}

/** A graph whose components write down everything that happens to them. */
export interface RecordedGraph {
  readonly graph: Graph
  /** As `create exporter lines`, in order. */
  readonly events: readonly string[]
  readonly commits: readonly CommitPipeline[]
  /** What receivers send batches to, by id. */
  readonly inputs: ReadonlyMap<string, Next<Signal>>
}

/** Factories `in` → `group` → `measure` → `compare` → `out`, and `mask` and `raw` for telemetry; they do nothing. */
export function recordingRegistry(
  events: string[] = [],
  behaviour: Behaviour = {},
  inputs = new Map<string, Next<Signal>>(),
): Registry {
  return [
    receiver('in', 'telemetry'),
    receiver('ready', 'assessment'),
    processor('group', 'telemetry', 'session'),
    processor('measure', 'session', 'assessment'),
    processor('compare', 'assessment', 'assessment'),
    processor('mask', 'telemetry', 'telemetry'),
    exporter('out', 'assessment'),
    exporter('raw', 'telemetry'),
  ]

  function receiver(type: string, produces: Signal): ReceiverFactory {
    const create = (_: unknown, { id }: Context, next: Next<Signal>) => {
      events.push(`create receiver ${id}`)
      inputs.set(id, next)
      return component(id)
    }
    return { ...base(type), kind: 'receiver', produces, create }
  }

  function processor(type: string, consumes: Signal, produces: Signal): ProcessorFactory {
    const create = (_: unknown, { id }: Context, next: Next<Signal>): Processor<Signal> => {
      events.push(`create processor ${id}`)
      return { ...consumer(id, next) }
    }
    return { ...base(type), kind: 'processor', consumes, produces, create }
  }

  function exporter(type: string, consumes: Signal): ExporterFactory {
    const create = (_: unknown, { id }: Context): Consumer<Signal> => {
      events.push(`create exporter ${id}`)
      return consumer(id, async () => {})
    }
    return { ...base(type), kind: 'exporter', consumes, create }
  }

  function consumer(id: string, next: Next<Signal>): Consumer<Signal> {
    return {
      ...component(id),
      async consume(batch: Batch<Signal>) {
        events.push(`consume ${id}`)
        await behaviour.consume?.(id)
        await next(batch)
      },
      async endOfInput() {
        events.push(`end ${id}`)
        await behaviour.endOfInput?.(id)
      },
    }
  }

  function component(id: string): Component {
    return {
      async start() {
        events.push(`start ${id}`)
        await behaviour.start?.(id)
      },
      async stop(withinMs?: number) {
        events.push(`stop ${id}`)
        await behaviour.stop?.(id, withinMs)
      },
    }
  }
}

/** Builds a graph of recording components from the text of a configuration. */
export function recordGraph(text: string, behaviour: Behaviour = {}): RecordedGraph {
  const events: string[] = []
  const commits: CommitPipeline[] = []
  const inputs = new Map<string, Next<Signal>>()
  const config = loadConfig(
    { sources: [{ file: 'p.yaml', text }], sets: [], env: { HOME: '/h' } },
    recordingRegistry(events, behaviour, inputs),
  )
  const graph = buildGraph({
    config,
    contextFor: (id: string, kind: Kind) => ({ id, kind }) as unknown as Context,
    commitStage: (pipeline) => {
      commits.push(pipeline)
      return async (batch) => {
        events.push(`commit ${pipeline.name}`)
        for (const { consumer } of pipeline.exporters) await consumer.consume(batch)
      }
    },
  })
  return { graph, events, commits, inputs }
}

/** A log that keeps its messages. */
export function recordingLog(): { readonly log: Logger; readonly messages: readonly string[] } {
  const messages: string[] = []
  const keep = (_: unknown, message: string) => void messages.push(message)
  return { log: { debug: keep, info: keep, warn: keep, error: keep }, messages }
}

function base(type: string) {
  return {
    type,
    stability: 'development',
    description: `The test component ${type}.`,
    configSchema: z.strictObject({}),
  } as const
}
