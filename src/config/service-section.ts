import { checkPipelines, type GraphConfig, type PipelineProblem } from '#src/graph/check.ts'
import type { PipelineConfig } from './config.ts'
import { nameProblem } from './ids.ts'
import { type ConfigNode, isNull, locate, locateKey, type MapNode, mapEntries, nodeAt } from './node.ts'
import { parseBody } from './parse-body.ts'
import type { Problem } from './problem.ts'
import { scrub } from './secret.ts'
import { pipelineSchema, type ServiceConfig, serviceSettingsSchema } from './service-schema.ts'

/** The `service` section, read. */
export interface ServiceSection {
  readonly service: ServiceConfig | undefined
  /** Also those with problems, as far as their lists could be read. */
  readonly pipelines: readonly PipelineConfig[]
  readonly problems: readonly Problem[]
}

const PIPELINES_PATH = ['service', 'pipelines']

/** Reads the section and checks its pipelines against the declared components. */
export function readService(tree: MapNode, declared: Omit<GraphConfig, 'pipelines'>): ServiceSection {
  const root = mapEntries(tree, (value, key) => (key === 'service' ? withoutNulls(value) : value))
  const settings = parseBody(serviceSettingsSchema, root, ['service'])
  const { pipelines, faulty, problems } = readPipelines(root)
  const unreadable = problems.length > 0 && pipelines.length === 0
  const graphProblems = unreadable ? [] : checkPipelines({ ...declared, pipelines })
  const told = graphProblems
    .filter((problem) => !isFollowUp(problem, faulty))
    .map((problem) => locateProblem(problem, root))
  return {
    service: 'value' in settings ? withoutPipelines(settings.value) : undefined,
    pipelines,
    problems: [...('problems' in settings ? settings.problems : []), ...problems, ...told],
  }
}

function readPipelines(root: MapNode) {
  const node = nodeAt(root, PIPELINES_PATH)
  const pipelines: PipelineConfig[] = []
  const faulty = new Set<string>()
  const problems: Problem[] = []
  if (node !== undefined && node.kind !== 'map') {
    const message = `expected a map of pipelines by name, got ${node.kind === 'list' ? 'a list' : 'a single value'}`
    problems.push({ location: node.location, path: PIPELINES_PATH, message })
  }
  for (const name of node?.kind === 'map' ? node.entries.keys() : []) {
    const path = [...PIPELINES_PATH, name]
    const wrongName = nameProblem(name)
    if (wrongName !== undefined) problems.push({ location: locateKey(root, path), path, message: wrongName })
    const parsed = parseBody(pipelineSchema, root, path)
    if ('value' in parsed) {
      pipelines.push({ name, ...parsed.value })
      continue
    }
    faulty.add(name)
    problems.push(...parsed.problems)
    const idsOf = (section: string) => textsOf(nodeAt(root, [...path, section]))
    pipelines.push({
      name,
      receivers: idsOf('receivers'),
      processors: idsOf('processors'),
      exporters: idsOf('exporters'),
    })
  }
  return { pipelines, faulty, problems }
}

// In a pipeline that could not be read whole, only what it names can be judged.
function isFollowUp({ code, path }: PipelineProblem, faulty: ReadonlySet<string>): boolean {
  return (code === 'empty' || code === 'misfit' || code === 'unmasked') && faulty.has(String(path[2]))
}

function locateProblem({ path, message, missing }: PipelineProblem, root: MapNode): Problem {
  // An id may have come from the environment.
  return {
    location: locate(root, path),
    path,
    message: scrub(message, root, path),
    ...(missing !== undefined && { missing }),
  }
}

function withoutPipelines({
  pipelines: _,
  ...service
}: ServiceConfig & { readonly pipelines?: unknown }): ServiceConfig {
  return service
}

function textsOf(node: ConfigNode | undefined): readonly string[] {
  const items = node?.kind === 'list' ? node.items : []
  const texts = items.flatMap((item) => (item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : []))
  return texts.length === items.length ? texts : []
}

// A key with nothing behind it means its default; a pipeline with nothing in it stays, to be noticed.
function withoutNulls(node: ConfigNode, keepNulls = false): ConfigNode {
  if (node.kind !== 'map') return node
  const kept = [...node.entries].filter(([, { value }]) => keepNulls || !isNull(value))
  return mapEntries({ ...node, entries: new Map(kept) }, (value, key) => withoutNulls(value, key === 'pipelines'))
}
