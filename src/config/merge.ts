import type { ConfigNode, MapNode } from './node.ts'

/** Lays one map over another: maps merge deeply, lists and scalars (also null) replace. */
export function mergeMaps(base: MapNode, over: MapNode): MapNode {
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const below = base.entries.get(key)
    const merged = below === undefined ? undefined : bothMaps(below.value, entry.value)
    entries.set(key, below !== undefined && merged !== undefined ? { ...below, value: merged } : entry)
  }
  return { ...base, entries }
}

function bothMaps(base: ConfigNode, over: ConfigNode): MapNode | undefined {
  return base.kind === 'map' && over.kind === 'map' ? mergeMaps(base, over) : undefined
}
