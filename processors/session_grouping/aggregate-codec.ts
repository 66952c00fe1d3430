import { z } from 'zod'
import { KeySet } from '#src/store/key-set.ts'
import type { StateCodec } from '#src/store/store.ts'
import { Aggregate } from './aggregate.ts'

const count = z.number()
const optional = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined)
// JSON has no infinities.
const orInfinity = z
  .number()
  .nullable()
  .transform((value) => value ?? Infinity)
const orMinusInfinity = z
  .number()
  .nullable()
  .transform((value) => value ?? -Infinity)
const taskStatus = z.enum(['pending', 'in_progress', 'completed', 'deleted'])
const tokens = z.object({
  freshInput: count,
  cacheRead: count,
  cacheCreation: count,
  output: count,
  reasoning: count,
})

const savedSchema = z.object({
  keys: z.string(),
  fields: z.object({
    id: z.string(),
    phase: z.enum(['open', 'closing', 'closed']),
    revision: count,
    trigger: z.enum(['end_signal', 'idle', 'limit', 'end_of_input', 'live']),
    agentType: optional,
    agentTypeAtMs: orInfinity,
    agentVersion: optional,
    firstMs: orInfinity,
    lastMs: orMinusInfinity,
    sources: z.record(z.string(), count),
    activeIntervals: z.array(z.tuple([count, count])),
    processStartsMs: z.array(count),
    processEndsMs: z.array(count),
    counters: z.record(
      z.string(),
      z.object({ model: optional, snapshots: z.array(z.object({ timeMs: count, messages: count, tokens })) }),
    ),
    tools: z.record(z.string(), z.object({ calls: count, failures: count, unknown: count })),
    tasks: z.object({
      creates: count,
      updates: count,
      completedWithoutId: count,
      statuses: z.record(z.string(), taskStatus),
    }),
    evaluations: z.record(z.string(), z.array(count)),
    evaluatedMs: z
      .number()
      .nullable()
      .transform((value) => value ?? undefined),
    prompts: count,
    compactions: count,
    spans: z.object({ count, notOk: count, longMs: count }),
    marks: z.array(
      z.object({
        kind: z.enum(['start', 'end']),
        timeMs: count,
        agentType: z.string(),
        invocationId: optional,
        status: z.enum(['running', 'success', 'failure', 'unknown']),
        final: z.boolean(),
      }),
    ),
  }),
})

/** How aggregates lie on disk. */
export const aggregateCodec: StateCodec<Aggregate> = {
  encode: ({ fields, keys }) => JSON.stringify({ keys: keys.encode(), fields }, undefinedAsNull),
  decode(text) {
    const { keys, fields } = savedSchema.parse(JSON.parse(text))
    return new Aggregate(fields, KeySet.decode(keys))
  },
  meta: ({ fields, startMs, endMs, endSignalled }) => ({ phase: fields.phase, startMs, endMs, endSignalled }),
}

function undefinedAsNull(_key: string, value: unknown): unknown {
  return value === undefined ? null : value
}
