import type { Json } from '#src/store/store.ts'

export type JsonObject = { readonly [key: string]: Json }

const NOTHING: JsonObject = {}

/** @returns `undefined` when the text is no JSON object */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object that stands there; an empty one where something else does. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : NOTHING
}

/** The objects of the list that stands there. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** @returns `undefined` for anything but a text, and for '' */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

export function booleanOf(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}
