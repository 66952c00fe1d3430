/** Of two that are worth the same the smaller, so that it does not matter which came first. */
export function firstOf<T extends string | number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return b < a ? b : a
}

/** A map's value under a key, made when there is none. */
export function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
