import type {
  Batch,
  Component,
  Consumer,
  Context,
  ExporterFactory,
  Kind,
  Next,
  Processor,
  ProcessorFactory,
  Receiver,
  ReceiverFactory,
  Signal,
} from '#src/component.ts'
import type { ConfiguredComponent, LoadedConfig, PipelineConfig } from '#src/config/config.ts'
import { formatPath } from '#src/config/node.ts'
import { ConfigError } from '#src/errors.ts'
import { checkPipelines, processorInstanceId } from './check.ts'
import { counted, type Edge, type EdgeEnd, type EdgeItems } from './edge.ts'
import { fanOut, sendTo } from './fan-out.ts'

/** Any component; an exporter is a consumer that is told of no commits. */
export type AnyComponent = Receiver | Processor<Signal>

/** One running part of the graph. */
export interface GraphComponent<C extends Component = AnyComponent> {
  /** Of receivers and exporters the id in the file; of processors `pipeline/type`. */
  readonly id: string
  readonly kind: Kind
  readonly component: C
}

/** A pipeline whose last signal is `assessment`: what comes out of it is committed before exporters see it. */
export interface CommitPipeline {
  readonly name: string
  /** In the order of the pipeline. */
  readonly processors: readonly Processor<Signal>[]
  readonly exporters: readonly { readonly id: string; readonly consumer: Consumer<'assessment'> }[]
}

export interface GraphInput {
  readonly config: Pick<LoadedConfig, 'receivers' | 'processors' | 'exporters' | 'pipelines'>
  contextFor(id: string, kind: Kind): Context
  /** What counts the items that are handed over at one place. Absent: nobody does. */
  edge?(edge: Edge): EdgeItems
  /** Commits what a pipeline made and hands it to its exporters. */
  commitStage(pipeline: CommitPipeline): Next<'assessment'>
}

export interface Graph {
  /** In start order: exporters, processors from the end of their pipelines, receivers. Stop them in reverse. */
  readonly components: readonly GraphComponent[]
  readonly receivers: readonly Receiver[]
}

interface BuiltPipeline {
  readonly pipeline: PipelineConfig
  /** In the order of the pipeline. */
  readonly processors: readonly GraphComponent<Processor<Signal>>[]
  readonly entryFrom: NextFrom
}

/** What the one who hands on there is given. */
type NextFrom = (from: EdgeEnd) => Next<Signal>

const COMMIT = { id: 'commit', kind: 'commit' } as const

/**
 * Creates all components of the pipelines and wires them; nothing is started. Receivers and exporters are shared by all
 * pipelines that name them, a processor belongs to one pipeline; what no pipeline names is not created.
 *
 * @throws ConfigError with every problem of the pipelines; then nothing was created
 */
export function buildGraph(input: GraphInput): Graph {
  const problems = checkPipelines(input.config)
  if (problems.length > 0) {
    throw new ConfigError(
      problems.map(({ path, message }) => ({ location: undefined, path: formatPath(path), message })),
    )
  }
  const exporters = createExporters(input)
  // The first pipeline last, so that its processors come first when components are stopped.
  const built = input.config.pipelines.toReversed().map((pipeline) => buildPipeline(pipeline, exporters, input))
  const processors = built.flatMap((pipeline) => pipeline.processors.toReversed())
  const receivers = createReceivers(built.toReversed(), input)
  return {
    components: [...exporters.values(), ...processors, ...receivers],
    receivers: receivers.map(({ component }) => component),
  }
}

type Exporters = ReadonlyMap<string, GraphComponent<Consumer<Signal>>>

function createExporters({ config, contextFor }: GraphInput): Exporters {
  const ids = new Set(config.pipelines.flatMap((pipeline) => pipeline.exporters))
  const entries = [...ids].map((id) => {
    const { factory, config: body }: ConfiguredComponent<ExporterFactory> = named(config.exporters, id)
    const component = factory.create(body, contextFor(id, 'exporter'))
    return [id, { id, kind: 'exporter', component }] as const
  })
  return new Map(entries)
}

function buildPipeline(pipeline: PipelineConfig, exporters: Exporters, input: GraphInput): BuiltPipeline {
  const { config, contextFor } = input
  const sinks = pipeline.exporters.map((id) => named(exporters, id))
  const processors: GraphComponent<Processor<Signal>>[] = []
  const edge = (from: EdgeEnd, to: EdgeEnd, signal: Signal): EdgeItems | undefined =>
    input.edge?.({ pipeline: pipeline.name, signal, from, to })
  // The stage that commits is made once all processors are there, and they need something to send to before that.
  let handOver: Next<Signal> | undefined
  const last = lastSignal(pipeline, config) ?? 'telemetry'
  const commits = last === 'assessment'
  let nextFrom: NextFrom = commits
    ? (from) => counted((batch) => (handOver ?? notReady)(batch), edge(from, COMMIT, last))
    : (from) => fanOut(sinks.map((sink) => counted(sendTo(sink.component), edge(from, sink, last))))
  for (const id of pipeline.processors.toReversed()) {
    const { factory, config: body }: ConfiguredComponent<ProcessorFactory> = named(config.processors, id)
    const instance = processorInstanceId(pipeline.name, id)
    const node = { id: instance, kind: 'processor' } as const
    const component = factory.create(body, contextFor(instance, 'processor'), nextFrom(node))
    processors.unshift({ ...node, component })
    nextFrom = (from) => counted(sendTo(component), edge(from, node, factory.consumes))
  }
  if (commits) {
    handOver = commitTo(
      {
        name: pipeline.name,
        processors: processors.map(({ component }) => component),
        exporters: sinks.map((sink) => asSink(sink, edge(COMMIT, sink, 'assessment'))),
      },
      input,
    )
  }
  return { pipeline, processors, entryFrom: nextFrom }
}

function createReceivers(
  built: readonly BuiltPipeline[],
  { config, contextFor }: GraphInput,
): GraphComponent<Receiver>[] {
  const ids = new Set(built.flatMap(({ pipeline }) => pipeline.receivers))
  return [...ids].map((id) => {
    const node = { id, kind: 'receiver' } as const
    const branches = built
      .filter(({ pipeline }) => pipeline.receivers.includes(id))
      .map(({ entryFrom }) => entryFrom(node))
    const { factory, config: body }: ConfiguredComponent<ReceiverFactory> = named(config.receivers, id)
    const component = factory.create(body, contextFor(id, 'receiver'), fanOut(branches))
    return { ...node, component }
  })
}

// A method's parameter is bivariant: this is where a stage for assessments becomes one for any signal. That the
// pipeline ends in assessments was checked.
function commitTo(pipeline: CommitPipeline, input: GraphInput): Next<Signal> {
  const next = input.commitStage(pipeline)
  const stage: { consume(batch: Batch<'assessment'>): Promise<void> } = { consume: (batch) => next(batch) }
  return sendTo(stage)
}

function asSink(
  { id, component }: GraphComponent<Consumer<Signal>>,
  items: EdgeItems | undefined,
): CommitPipeline['exporters'][number] {
  if (items === undefined) return { id, consumer: component }
  const send = counted(sendTo(component), items)
  return {
    id,
    consumer: {
      start: () => component.start(),
      stop: (withinMs) => component.stop(withinMs),
      consume: (batch) => send(batch),
      readsHistory: component.readsHistory === true,
    },
  }
}

/** The signal that a pipeline's exporters get. */
export function lastSignal(
  { receivers, processors }: PipelineConfig,
  config: Pick<LoadedConfig, 'receivers' | 'processors'>,
): Signal | undefined {
  const last = processors.at(-1)
  if (last !== undefined) return config.processors.get(last)?.factory.produces
  const first = receivers[0]
  return first === undefined ? undefined : config.receivers.get(first)?.factory.produces
}

function notReady(): Promise<never> {
  return Promise.reject(new Error('a processor handed on a batch while it was being created: it must wait for start'))
}

function named<T>(components: ReadonlyMap<string, T>, id: string): T {
  const component = components.get(id)
  if (component === undefined) throw new Error(`expected "${id}" to be declared: the pipelines were not checked`)
  return component
}
