import type { Location } from '#src/errors.ts'

/** Keys and indexes from the top of the configuration. */
export type Path = readonly (string | number)[]

export type Scalar = string | number | boolean | null

/** What `${env:…}` made of a text. */
export interface Expansion {
  /** The whole text, never typed. */
  readonly text: string
  /** The text with `${env:NAME}` in place of values: safe to show. */
  readonly masked: string
  /** Environment variables whose values are in `text`; empty when only defaults were used. */
  readonly variables: readonly string[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly location: Location
  readonly value: Scalar
  readonly expansion?: Expansion
}

export interface ListNode {
  readonly kind: 'list'
  readonly location: Location
  readonly items: readonly ConfigNode[]
}

export interface MapEntry {
  readonly keyLocation: Location
  readonly value: ConfigNode
}

export interface MapNode {
  readonly kind: 'map'
  readonly location: Location
  readonly entries: ReadonlyMap<string, MapEntry>
}

/** A YAML value that knows where it was written. */
export type ConfigNode = ScalarNode | ListNode | MapNode

/** As `processors.kpi_aggregation.kpis[2]`; keys that would be misread stand in quotes. */
export function formatPath(path: Path): string {
  if (path.length === 0) return '(top level)'
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : (i === 0 ? '' : '.') + formatKey(step)))
    .join('')
}

function formatKey(key: string): string {
  return /^[^\s."[\]]+$/.test(key) ? key : JSON.stringify(key)
}

/** @returns the node at the path, or `undefined` when there is none */
export function nodeAt(root: ConfigNode, path: Path): ConfigNode | undefined {
  let node: ConfigNode | undefined = root
  for (const step of path) node = node === undefined ? undefined : childOf(node, step)
  return node
}

/** Where the value at the path stands; when it is missing, where the key of the nearest thing around it stands. */
export function locate(root: ConfigNode, path: Path): Location {
  const node = nodeAt(root, path)
  return node === undefined ? locateKey(root, path.slice(0, -1)) : node.location
}

/** Where the key at the path stands; list items have no key, so their own place. */
export function locateKey(root: ConfigNode, path: Path): Location {
  const last = path.at(-1)
  if (last === undefined) return root.location
  const parentPath = path.slice(0, -1)
  const parent = nodeAt(root, parentPath)
  if (parent?.kind === 'map') {
    const entry = parent.entries.get(String(last))
    if (entry !== undefined) return entry.keyLocation
  }
  const item = nodeAt(root, path)
  return item === undefined ? locateKey(root, parentPath) : item.location
}

/** All scalars at or below a node, with their paths from it. */
export function* scalarsOf(node: ConfigNode, path: Path = []): Generator<readonly [Path, ScalarNode]> {
  if (node.kind === 'scalar') yield [path, node]
  else if (node.kind === 'list') for (const [i, item] of node.items.entries()) yield* scalarsOf(item, [...path, i])
  else for (const [key, { value }] of node.entries) yield* scalarsOf(value, [...path, key])
}

/** The same tree with each scalar replaced. */
export function mapScalars(
  node: ConfigNode,
  replace: (scalar: ScalarNode, path: Path) => ScalarNode,
  path: Path = [],
): ConfigNode {
  if (node.kind === 'scalar') return replace(node, path)
  if (node.kind === 'list')
    return { ...node, items: node.items.map((item, i) => mapScalars(item, replace, [...path, i])) }
  return mapEntries(node, (value, key) => mapScalars(value, replace, [...path, key]))
}

/** The same map with each value replaced. */
export function mapEntries(node: MapNode, replace: (value: ConfigNode, key: string) => ConfigNode): MapNode {
  const entries = [...node.entries].map(
    ([key, { keyLocation, value }]) => [key, { keyLocation, value: replace(value, key) }] as const,
  )
  return { ...node, entries: new Map(entries) }
}

/** The plain value that a schema reads. `read` may replace scalars. */
export function toValue(node: ConfigNode, read: (scalar: ScalarNode) => unknown = ({ value }) => value): unknown {
  if (node.kind === 'scalar') return read(node)
  if (node.kind === 'list') return node.items.map((item) => toValue(item, read))
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toValue(value, read)]))
}

export function isNull(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

function childOf(node: ConfigNode, step: string | number): ConfigNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))?.value
  return node.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined
}
