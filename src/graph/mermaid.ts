import type { Kind, Signal } from '#src/component.ts'
import type { LoadedConfig, PipelineConfig } from '#src/config/config.ts'
import { lastSignal } from './build.ts'
import { processorInstanceId } from './check.ts'

type GraphConfig = Pick<LoadedConfig, 'receivers' | 'processors' | 'exporters' | 'pipelines'>

interface Edge {
  readonly from: string
  readonly to: string
  readonly signal: Signal | undefined
}

/** Draws checked pipelines as a mermaid flowchart: one subgraph per pipeline, signals on the edges. */
export function renderMermaid(config: GraphConfig): string {
  const names = new Map<string, string>()
  const nameOf = (key: string) => {
    const name = names.get(key) ?? `n${names.size}`
    names.set(key, name)
    return name
  }
  const receivers = idsOf(config.pipelines, 'receivers').map(
    (id) => `  ${nameOf(keyOf('receiver', id))}([${label(id)}])`,
  )
  const exporters = idsOf(config.pipelines, 'exporters').map(
    (id) => `  ${nameOf(keyOf('exporter', id))}[/${label(id)}/]`,
  )
  const pipelines = config.pipelines.flatMap((pipeline, i) => drawPipeline(pipeline, i, config, nameOf))
  const edges = new Set(
    config.pipelines
      .flatMap((pipeline) => edgesOf(pipeline, config))
      .map(({ from, to, signal }) => `  ${nameOf(from)} -->${signal === undefined ? '' : `|${signal}|`} ${nameOf(to)}`),
  )
  return ['flowchart LR', ...receivers, ...pipelines, ...exporters, ...edges, ''].join('\n')
}

function drawPipeline(
  pipeline: PipelineConfig,
  index: number,
  config: GraphConfig,
  nameOf: (key: string) => string,
): readonly string[] {
  const stages = pipeline.processors.map((id) => `    ${nameOf(stageKey(pipeline, id))}[${label(id)}]`)
  const commit = isCommitted(pipeline, config) ? [`    ${nameOf(commitKey(pipeline))}[(${label('ledger')})]`] : []
  const inside = [...stages, ...commit]
  return inside.length === 0 ? [] : [`  subgraph p${index}[${label(pipeline.name)}]`, ...inside, '  end']
}

function edgesOf(pipeline: PipelineConfig, config: GraphConfig): readonly Edge[] {
  let producers = pipeline.receivers.map((id) => ({
    from: keyOf('receiver', id),
    signal: config.receivers.get(id)?.factory.produces,
  }))
  const edges: Edge[] = []
  const connect = (to: string) => edges.push(...producers.map((producer) => ({ ...producer, to })))
  for (const id of pipeline.processors) {
    connect(stageKey(pipeline, id))
    producers = [{ from: stageKey(pipeline, id), signal: config.processors.get(id)?.factory.produces }]
  }
  if (isCommitted(pipeline, config)) {
    connect(commitKey(pipeline))
    producers = [{ from: commitKey(pipeline), signal: 'assessment' }]
  }
  for (const id of pipeline.exporters) connect(keyOf('exporter', id))
  return edges
}

function isCommitted(pipeline: PipelineConfig, config: GraphConfig): boolean {
  return lastSignal(pipeline, config) === 'assessment'
}

function idsOf(pipelines: readonly PipelineConfig[], section: 'receivers' | 'exporters'): readonly string[] {
  return [...new Set(pipelines.flatMap((pipeline) => pipeline[section]))]
}

function keyOf(kind: Kind, id: string): string {
  return `${kind} ${id}`
}

function stageKey(pipeline: PipelineConfig, id: string): string {
  return keyOf('processor', processorInstanceId(pipeline.name, id))
}

function commitKey(pipeline: PipelineConfig): string {
  return `commit ${pipeline.name}`
}

// Names come from the file and may hold what mermaid reads as syntax.
function label(text: string): string {
  return `"${text.replace(/[#"<>&]/g, (character) => `#${character.codePointAt(0)};`)}"`
}
