import { z } from 'zod'

/** Schemas of values that are kept on disk, as JSON has them. */

export const count = z.number()

/** Text that may be absent: JSON has null for it, see {@link undefinedAsNull}. */
export const optionalText = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined)

export const optionalNumber = z
  .number()
  .nullable()
  .transform((value) => value ?? undefined)

export const taskStatus = z.enum(['pending', 'in_progress', 'completed', 'deleted'])
export const optionalTaskStatus = taskStatus.nullable().transform((status) => status ?? undefined)
export const outcome = z.enum(['ok', 'failed', 'unknown'])
export const invocationStatus = z.enum(['running', 'success', 'failure', 'unknown'])
export const usageMeasure = z.enum(['freshInput', 'cacheRead', 'cacheCreation', 'output', 'costUsd', 'activeSeconds'])

export const tokens = z.object({
  freshInput: count,
  cacheRead: count,
  cacheCreation: count,
  output: count,
  reasoning: count,
})

/** A map, kept as a list of entries. */
export function savedMap<V extends z.ZodType>(value: V) {
  return z.preprocess((entries) => (Array.isArray(entries) ? new Map(entries) : entries), z.map(z.string(), value))
}

export const savedSet = z.array(z.string()).transform((values) => new Set(values))

/** For `JSON.stringify`: keeps the keys of absent values, and the entries of maps and sets. */
export function asSaved(_key: string, value: unknown): unknown {
  if (value === undefined) return null
  return value instanceof Map || value instanceof Set ? [...value] : value
}
