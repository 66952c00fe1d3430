import * as z from 'zod'

/** Schemas of values that are kept on disk, as JSON has them. */

export const count = z.number()

/** Text that may be absent, as JSON has it: without its key, or as null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined)

export const optionalNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined)

export const taskStatus = z.enum(['pending', 'in_progress', 'completed', 'deleted'])
export const optionalTaskStatus = taskStatus.nullable().transform((status) => status ?? undefined)
export const outcome = z.enum(['ok', 'failed', 'unknown'])
export const optionalAgentTypeOrigin = z
  .enum(['hook', 'attribute', 'agent_name', 'service', 'format'])
  .nullish()
  .transform((origin) => origin ?? undefined)
export const invocationStatus = z.enum(['running', 'success', 'failure', 'unknown'])
export const usageMeasure = z.enum([
  'input',
  'freshInput',
  'cacheRead',
  'cacheCreation',
  'output',
  'reasoning',
  'costUsd',
  'activeSeconds',
])

export const tokens = z.object({
  freshInput: count,
  cacheRead: count,
  cacheCreation: count,
  output: count,
  reasoning: count,
})

/** For `JSON.stringify`: keeps the keys of absent values. */
export function undefinedAsNull(_key: string, value: unknown): unknown {
  return value === undefined ? null : value
}
