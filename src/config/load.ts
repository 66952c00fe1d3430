import type { Registry } from '#src/component.ts'
import { ConfigError, type ConfigIssue, type Location } from '#src/errors.ts'
import { readComponents, SECTION_OF } from './components-section.ts'
import type { ConfigSource, Env, LoadedConfig, PipelineConfig } from './config.ts'
import { didYouMean, nearest } from './did-you-mean.ts'
import { expandTree } from './expand-tree.ts'
import { mergeMaps } from './merge.ts'
import { formatPath, locateKey, type MapNode } from './node.ts'
import type { Problem } from './problem.ts'
import { oneOf } from './schema-problems.ts'
import { readService } from './service-section.ts'
import { locationOfSet, parseSetOption } from './set-option.ts'
import { parseSource } from './yaml-source.ts'

/** Where a configuration comes from. */
export interface ConfigInput {
  /** At least one; later ones are merged over earlier ones. */
  readonly sources: readonly ConfigSource[]
  /** `a.b.c=value`, merged over the sources in this order. */
  readonly sets: readonly string[]
  readonly env: Env
}

const TOP_LEVEL_KEYS: readonly string[] = ['receivers', 'processors', 'exporters', 'service']

/**
 * Reads, merges, expands and checks a configuration.
 *
 * @throws ConfigError with every problem, in the order of the files
 */
export function loadConfig(input: ConfigInput, registry: Registry): LoadedConfig {
  const { tree, problems: readProblems, brokenAt } = readTree(input)
  const { root, problems: expandProblems, failedPaths } = expandTree(tree, input.env)
  const receivers = readComponents('receiver', root, registry)
  const processors = readComponents('processor', root, registry)
  const exporters = readComponents('exporter', root, registry)
  const declared = { receivers: receivers.declared, processors: processors.declared, exporters: exporters.declared }
  const { service, pipelines, problems: serviceProblems } = readService(root, declared)
  const found = [
    ...unknownSections(root),
    ...receivers.problems,
    ...processors.problems,
    ...exporters.problems,
    ...serviceProblems,
  ].filter(({ path }) => !failedPaths.has(formatPath(path)))
  const problems = [...readProblems, ...withoutGuesses([...expandProblems, ...found], brokenAt)]
  if (problems.length > 0 || service === undefined) throw new ConfigError(toIssues(problems, input))
  return {
    receivers: receivers.components,
    processors: processors.components,
    exporters: exporters.components,
    pipelines,
    service,
    effective: root,
    warnings: toIssues(unusedComponents(root, pipelines), input),
  }
}

interface ReadTree {
  readonly tree: MapNode
  readonly problems: readonly Problem[]
  /** The first place in each broken file from which on it may have been misread. */
  readonly brokenAt: ReadonlyMap<string, Location>
}

function readTree({ sources, sets }: ConfigInput): ReadTree {
  const parsed = sources.map(parseSource)
  const assigned = sets.map(parseSetOption)
  const roots = [...parsed, ...assigned].map(({ root }) => root)
  const nowhere: MapNode = { kind: 'map', location: { file: '(no file)' }, entries: new Map() }
  const broken = parsed.flatMap(({ brokenAt }) => (brokenAt === undefined ? [] : [[brokenAt.file, brokenAt] as const]))
  return {
    tree: roots.length === 0 ? nowhere : roots.reduce(mergeMaps),
    problems: [...parsed, ...assigned].flatMap(({ problems }) => problems),
    brokenAt: new Map(broken),
  }
}

function unknownSections(root: MapNode): readonly Problem[] {
  return [...root.entries.keys()]
    .filter((key) => !TOP_LEVEL_KEYS.includes(key))
    .map((key) => {
      const message = `expected ${oneOf(TOP_LEVEL_KEYS)}, got ${JSON.stringify(key)}${didYouMean(key, TOP_LEVEL_KEYS)}`
      const word = nearest(key, TOP_LEVEL_KEYS)
      return { location: locateKey(root, [key]), path: [key], message, ...(word !== undefined && { meant: [word] }) }
    })
}

// What stands behind a syntax error may have been misread, and what seems to be missing may stand there. A misspelt key
// is also a missing one, but only one mistake.
function withoutGuesses(problems: readonly Problem[], brokenAt: ReadonlyMap<string, Location>): readonly Problem[] {
  const meantPaths = problems.flatMap(({ meant }) => (meant === undefined ? [] : [meant]))
  return problems.filter(({ missing, location }) => {
    const broken = brokenAt.get(location.file)
    if (broken !== undefined && comparePlaces(location, broken) >= 0) return false
    if (missing === undefined) return true
    return brokenAt.size === 0 && !meantPaths.some((meant) => meant.every((step, i) => step === missing[i]))
  })
}

function unusedComponents(root: MapNode, pipelines: readonly PipelineConfig[]): readonly Problem[] {
  return Object.values(SECTION_OF).flatMap((section) => {
    const used = new Set(pipelines.flatMap((pipeline) => pipeline[section]))
    const node = root.entries.get(section)?.value
    const unused = node?.kind === 'map' ? [...node.entries.keys()].filter((id) => !used.has(id)) : []
    const message = 'is declared, but no pipeline uses it: it does not run'
    return unused.map((id) => ({ location: locateKey(root, [section, id]), path: [section, id], message }))
  })
}

function toIssues(problems: readonly Problem[], { sources, sets }: ConfigInput): readonly ConfigIssue[] {
  const files = [...sources.map(({ file }) => file), ...sets.map((assignment) => locationOfSet(assignment).file)]
  const rank = ({ file }: Location) => files.indexOf(file)
  const sorted = problems.toSorted(
    (a, b) => rank(a.location) - rank(b.location) || comparePlaces(a.location, b.location),
  )
  const issues = sorted.map(({ location, path, message }) => ({ location, path: formatPath(path), message }))
  // An alias shows one mistake twice.
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()]
}

function comparePlaces(a: Location, b: Location): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}
