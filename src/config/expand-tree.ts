import type { Env } from './config.ts'
import { expandText } from './expand.ts'
import { formatPath, type MapNode, mapEntries, mapScalars, nodeAt, type Path, type ScalarNode } from './node.ts'
import type { Problem } from './problem.ts'
import { DEFAULT_DIRECTORY } from './service-schema.ts'

const DIRECTORY_PATH = ['service', 'storage', 'directory']

/** A tree after expansion. */
export interface ExpandedTree {
  readonly root: MapNode
  readonly problems: readonly Problem[]
  /** Paths, formatted, of values that could not be expanded: what else is wrong with them is not worth saying. */
  readonly failedPaths: ReadonlySet<string>
}

/** Expands `${env:…}` in all values of a tree, puts the storage directory's default in and its `~/` out. */
export function expandTree(tree: MapNode, env: Env): ExpandedTree {
  const problems: Problem[] = []
  const failedPaths = new Set<string>()
  const expandScalar = (node: ScalarNode, path: Path): ScalarNode => {
    const isDirectory = path.length === DIRECTORY_PATH.length && path.every((step, i) => step === DIRECTORY_PATH[i])
    const expanded = expandEnv(node, env)
    const result = isDirectory ? expandHome(expanded, env) : expanded
    for (const message of result.messages) problems.push({ location: node.location, path, message })
    if (result.messages.length > 0) failedPaths.add(formatPath(path))
    return result.node
  }
  const complete = withDefaultDirectory(tree)
  const root = mapEntries(complete, (value, key) => mapScalars(value, expandScalar, [key]))
  return { root, problems, failedPaths }
}

interface Step {
  readonly node: ScalarNode
  readonly messages: readonly string[]
}

function expandEnv(node: ScalarNode, env: Env): Step {
  const expanded = typeof node.value === 'string' ? expandText(node.value, env) : undefined
  if (expanded === undefined) return { node, messages: [] }
  const { value, expansion, problems } = expanded
  return { node: { ...node, value, expansion }, messages: problems }
}

function expandHome({ node, messages }: Step, env: Env): Step {
  const { value, expansion } = node
  if (typeof value !== 'string' || (value !== '~' && !value.startsWith('~/'))) return { node, messages }
  const home = env.HOME
  if (home === undefined || home === '') {
    return {
      node,
      messages: [...messages, 'expected HOME to be set, which ~/ stands for, got nothing: write the whole path'],
    }
  }
  const text = home + value.slice(1)
  // Not a secret: shown as it was written.
  const masked = expansion?.masked ?? value
  const variables = [...new Set([...(expansion?.variables ?? []), 'HOME'])]
  return { node: { ...node, value: text, expansion: { text, masked, variables } }, messages }
}

function withDefaultDirectory(root: MapNode): MapNode {
  if (!isMissing(root, DIRECTORY_PATH)) return root
  return insert(root, DIRECTORY_PATH)
}

function insert(node: MapNode, [step = '', ...rest]: readonly string[]): MapNode {
  const below = node.entries.get(step)
  const { location } = node
  const inner = below?.value.kind === 'map' ? below.value : { kind: 'map' as const, location, entries: new Map() }
  const value =
    rest.length === 0 ? ({ kind: 'scalar', location, value: DEFAULT_DIRECTORY } as const) : insert(inner, rest)
  return {
    ...node,
    entries: new Map([...node.entries, [step, { keyLocation: below?.keyLocation ?? location, value }]]),
  }
}

// Only where nothing else stands in the way: a list in place of a map is another problem's business.
function isMissing(root: MapNode, path: readonly string[]): boolean {
  for (let length = 1; length <= path.length; length++) {
    const node = nodeAt(root, path.slice(0, length))
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) return true
    if (node.kind !== 'map') return false
  }
  return false
}
