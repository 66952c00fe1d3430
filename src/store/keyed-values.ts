import type { Json, Positions } from './store.ts'

/** A value with its component and key, as the checkpoint has it. */
export type KeyedValue = readonly [component: string, key: string, value: Json]

/** Values by component and key, in memory. */
export class KeyedValues implements Positions {
  readonly #components = new Map<string, Map<string, Json>>()

  constructor(values: Iterable<KeyedValue> = []) {
    for (const [component, key, value] of values) this.set(component, key, value)
  }

  get(component: string, key: string): Json | undefined {
    return this.#components.get(component)?.get(key)
  }

  set(component: string, key: string, value: Json): void {
    const values = this.#components.get(component) ?? new Map<string, Json>()
    this.#components.set(component, values)
    values.set(key, value)
  }

  delete(component: string, key: string): void {
    this.#components.get(component)?.delete(key)
  }

  /** As of now: the values may be changed while going through the keys. */
  keys(component: string): readonly string[] {
    return [...(this.#components.get(component)?.keys() ?? [])]
  }

  entries(): KeyedValue[] {
    return [...this.#components].flatMap(([component, values]) =>
      [...values].map(([key, value]) => [component, key, value] as const),
    )
  }
}
