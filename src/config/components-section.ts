import type { Factory, Kind, Registry } from '#src/component.ts'
import type { ConfiguredComponent } from './config.ts'
import { didYouMean, nearest } from './did-you-mean.ts'
import { parseId } from './ids.ts'
import { isNull, locateKey, type MapNode } from './node.ts'
import { parseBody } from './parse-body.ts'
import type { Problem } from './problem.ts'

export type FactoryOf<K extends Kind> = Extract<Factory, { readonly kind: K }>

/** One of `receivers`, `processors`, `exporters`, read. */
export interface ComponentsSection<K extends Kind> {
  readonly components: ReadonlyMap<string, ConfiguredComponent<FactoryOf<K>>>
  /** Also those with problems, so that references to them are not reported too. */
  readonly declared: ReadonlyMap<string, { readonly factory: FactoryOf<K> | undefined; readonly config?: unknown }>
  readonly problems: readonly Problem[]
}

export const SECTION_OF = { receiver: 'receivers', processor: 'processors', exporter: 'exporters' } as const

/** Reads one section: ids, types, and each body with its factory's schema. */
export function readComponents<K extends Kind>(kind: K, root: MapNode, registry: Registry): ComponentsSection<K> {
  const section = SECTION_OF[kind]
  const components = new Map<string, ConfiguredComponent<FactoryOf<K>>>()
  const declared = new Map<string, { readonly factory: FactoryOf<K> | undefined; readonly config?: unknown }>()
  const problems: Problem[] = []
  const node = root.entries.get(section)?.value
  if (node !== undefined && node.kind !== 'map' && !isNull(node)) {
    const found = node.kind === 'list' ? 'a list' : 'a single value'
    const message = `expected a map of ${section} by id, got ${found}`
    problems.push({ location: node.location, path: [section], message, meant: [section] })
  }
  for (const id of node?.kind === 'map' ? node.entries.keys() : []) {
    const path = [section, id]
    const location = locateKey(root, path)
    const { type, name, problem } = parseId(id)
    const factory = registry.filter((known) => isOfKind(known, kind)).find((known) => known.type === type)
    if (problem !== undefined) problems.push({ location, path, message: problem })
    else if (factory === undefined) problems.push({ location, path, ...unknownType({ type, name }, kind, registry) })
    declared.set(id, { factory })
    if (factory === undefined) continue
    const parsed = parseBody(factory.configSchema, root, path)
    if ('problems' in parsed) problems.push(...parsed.problems)
    else {
      declared.set(id, { factory, config: parsed.value })
      components.set(id, { id, type, ...(name !== undefined && { name }), factory, config: parsed.value })
    }
  }
  return { components, declared, problems }
}

function unknownType(
  { type, name }: { readonly type: string; readonly name: string | undefined },
  kind: Kind,
  registry: Registry,
): Pick<Problem, 'message' | 'meant'> {
  const known = registry.filter((factory) => factory.kind === kind).map((factory) => factory.type)
  const other = registry.find((factory) => factory.type === type)
  const word = nearest(type, known)
  const hint = other === undefined ? didYouMean(type, known) : ` (it is a type of ${SECTION_OF[other.kind]})`
  const message = `expected a type of ${kind} (${known.join(', ')}), got ${JSON.stringify(type)}${hint}`
  return {
    message,
    ...(word !== undefined && { meant: [SECTION_OF[kind], name === undefined ? word : `${word}/${name}`] }),
  }
}

function isOfKind<K extends Kind>(factory: Factory, kind: K): factory is FactoryOf<K> {
  return factory.kind === kind
}
