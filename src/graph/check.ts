import type { ExporterFactory, Factory, Kind, ProcessorFactory, ReceiverFactory, Signal } from '#src/component.ts'
import type { PipelineConfig } from '#src/config/config.ts'
import { didYouMean } from '#src/config/did-you-mean.ts'
import type { Path } from '#src/config/node.ts'

/** Declared components by id; `factory` is `undefined` where the type is unknown, `config` where it has problems. */
export type Declared<F extends Factory> = ReadonlyMap<
  string,
  { readonly factory: F | undefined; readonly config?: unknown }
>

/** What a check of the pipelines needs to know. */
export interface GraphConfig {
  readonly receivers: Declared<ReceiverFactory>
  readonly processors: Declared<ProcessorFactory>
  readonly exporters: Declared<ExporterFactory>
  readonly pipelines: readonly PipelineConfig[]
}

export interface PipelineProblem {
  readonly code: 'empty' | 'undeclared' | 'twice' | 'misfit' | 'clash' | 'unmasked'
  readonly path: Path
  readonly message: string
  /** Where the configuration lacks something. */
  readonly missing?: Path
}

type Section = 'receivers' | 'processors' | 'exporters'

/** One place in a pipeline that names a component. */
interface Reference {
  readonly id: string
  readonly path: Path
  readonly factory: Factory | undefined
}

interface Stage {
  readonly id: string
  readonly signal: Signal
}

const SECTIONS = ['receivers', 'processors', 'exporters'] as const
const PIPELINES_PATH = ['service', 'pipelines']

/**
 * Finds everything that keeps the pipelines from being built: missing ends, references to nothing, a component twice in
 * one pipeline, signals that do not fit from stage to stage, ids that would mean two instances.
 */
export function checkPipelines(config: GraphConfig): readonly PipelineProblem[] {
  if (config.pipelines.length === 0) {
    const message = 'expected at least one pipeline, got none'
    return [{ code: 'empty', path: PIPELINES_PATH, message, missing: PIPELINES_PATH }]
  }
  const problems = config.pipelines.flatMap((pipeline) => checkPipeline(pipeline, config))
  return [...problems, ...checkClashes(config), ...checkLedgers(config)]
}

/** The id of a processor's instance: each pipeline has its own. */
export function processorInstanceId(pipeline: string, id: string): string {
  return `${pipeline}/${id}`
}

function checkPipeline(pipeline: PipelineConfig, config: GraphConfig): readonly PipelineProblem[] {
  return [
    ...checkEnds(pipeline),
    ...SECTIONS.flatMap((section) => checkReferences(pipeline, section, config)),
    ...checkFit(pipeline, config),
    ...checkMasking(pipeline, config),
  ]
}

function checkEnds(pipeline: PipelineConfig): readonly PipelineProblem[] {
  return (['receivers', 'exporters'] as const)
    .filter((section) => pipeline[section].length === 0)
    .map((section) => {
      const path = [...PIPELINES_PATH, pipeline.name, section]
      return { code: 'empty', path, message: `expected at least one ${kindOf(section)}, got none`, missing: path }
    })
}

function checkReferences(pipeline: PipelineConfig, section: Section, config: GraphConfig): readonly PipelineProblem[] {
  const declared = [...config[section].keys()]
  return pipeline[section].flatMap((id, i, all): readonly PipelineProblem[] => {
    const path = [...PIPELINES_PATH, pipeline.name, section, i]
    if (!config[section].has(id)) {
      const message = undeclared(id, section, declared, config)
      return [{ code: 'undeclared', path, message, missing: [section, id] }]
    }
    if (all.indexOf(id) === i) return []
    return [{ code: 'twice', path, message: `expected each ${kindOf(section)} once, got "${id}" a second time` }]
  })
}

function undeclared(id: string, section: Section, declared: readonly string[], config: GraphConfig): string {
  const known = declared.length === 0 ? `but ${section} declares none` : `(${declared.join(', ')})`
  const elsewhere = SECTIONS.find((other) => other !== section && config[other].has(id))
  const hint = elsewhere === undefined ? didYouMean(id, declared) : ` (it is declared under ${elsewhere})`
  return `expected a declared ${kindOf(section)} ${known}, got ${JSON.stringify(id)}${hint}`
}

// An unknown stage fits everywhere: what is wrong with it is said elsewhere.
function checkFit(pipeline: PipelineConfig, config: GraphConfig): readonly PipelineProblem[] {
  const problems: PipelineProblem[] = []
  let producers = referencesOf(pipeline, 'receivers', config).flatMap(producedBy)
  for (const consumer of referencesOf(pipeline, 'processors', config)) {
    problems.push(...misfits(producers, consumer))
    producers = producedBy(consumer)
  }
  const exporters = referencesOf(pipeline, 'exporters', config)
  return [...problems, ...exporters.flatMap((exporter) => misfits(producers, exporter))]
}

// What agents send holds prompts and keys: that it goes on to others unmasked must be said.
function checkMasking(pipeline: PipelineConfig, config: GraphConfig): readonly PipelineProblem[] {
  if (pipeline.processors.some((id) => config.processors.get(id)?.factory?.masks === true)) return []
  return pipeline.exporters.flatMap((id, i): readonly PipelineProblem[] => {
    const { factory, config: body } = config.exporters.get(id) ?? {}
    const remedy = body === undefined ? undefined : factory?.unmasked?.(body)
    if (remedy === undefined) return []
    const masking = [...config.processors].flatMap(([known, declared]) => (declared.factory?.masks ? [known] : []))
    const which = masking.length === 0 ? '' : ` (${masking.join(', ')})`
    const message = `expected a processor that masks secrets${which} before "${id}", got none: ${remedy}`
    return [{ code: 'unmasked', path: [...PIPELINES_PATH, pipeline.name, 'exporters', i], message }]
  })
}

function misfits(producers: readonly Stage[], { id, path, factory }: Reference): readonly PipelineProblem[] {
  if (factory === undefined || factory.kind === 'receiver') return []
  const { consumes } = factory
  const wrong = producers.filter(({ signal }) => signal !== consumes)
  const bySignal = Map.groupBy(wrong, ({ signal }) => signal)
  return [...bySignal].map(([signal, stages]) => {
    const names = stages.map((stage) => `"${stage.id}"`).join(', ')
    const message = `${names} ${stages.length === 1 ? 'produces' : 'produce'} ${signal} but "${id}" consumes ${consumes}`
    return { code: 'misfit', path, message }
  })
}

function producedBy({ id, factory }: Reference): Stage[] {
  return factory === undefined || factory.kind === 'exporter' ? [] : [{ id, signal: factory.produces }]
}

// Each component where it is named first.
function referencesOf(pipeline: PipelineConfig, section: Section, config: GraphConfig): readonly Reference[] {
  return pipeline[section].flatMap((id, i, all) => {
    const path = [...PIPELINES_PATH, pipeline.name, section, i]
    return all.indexOf(id) === i ? [{ id, path, factory: config[section].get(id)?.factory }] : []
  })
}

// State is kept by instance id, so two instances must never share one.
function checkClashes(config: GraphConfig): readonly PipelineProblem[] {
  const owners = new Map<string, string>()
  for (const section of ['receivers', 'exporters'] as const) {
    for (const id of config[section].keys()) owners.set(id, `${section}.${id}`)
  }
  return config.pipelines.flatMap(({ name, processors }) =>
    [...new Set(processors)].flatMap((id): readonly PipelineProblem[] => {
      const instance = processorInstanceId(name, id)
      const owner = owners.get(instance)
      owners.set(instance, `processor "${id}" in pipeline "${name}"`)
      if (owner === undefined) return []
      const message = `expected ids that differ, got "${instance}" for ${owner} and for processor "${id}" here: rename the pipeline`
      return [{ code: 'clash', path: [...PIPELINES_PATH, name], message }]
    }),
  )
}

// The ledger has one line for each session and revision: a second pipeline's would be taken for the same.
function checkLedgers(config: GraphConfig): readonly PipelineProblem[] {
  const assessing = config.pipelines.filter(({ processors }) => {
    const last = processors.at(-1)
    return last !== undefined && config.processors.get(last)?.factory?.produces === 'assessment'
  })
  return assessing.slice(1).map(({ name }) => {
    const message = `expected one pipeline that assesses sessions, got "${assessing[0]?.name}" and this one`
    return { code: 'clash', path: [...PIPELINES_PATH, name], message }
  })
}

function kindOf(section: Section): Kind {
  return section === 'receivers' ? 'receiver' : section === 'processors' ? 'processor' : 'exporter'
}
