import { z } from 'zod'
import { KeySet } from '#src/store/key-set.ts'
import type { StateCodec } from '#src/store/store.ts'
import { Aggregate } from './aggregate.ts'
import {
  asSaved,
  count,
  invocationStatus,
  optionalNumber,
  optionalText,
  outcome,
  savedMap,
  savedSet,
  taskStatus,
  tokens,
  usageMeasure,
} from './saved-values.ts'

// JSON has no infinities.
const orInfinity = optionalNumber.transform((value) => value ?? Infinity)
const orMinusInfinity = optionalNumber.transform((value) => value ?? -Infinity)

const facts = z.object({
  bySource: savedMap(
    z.object({
      tools: savedMap(z.object({ calls: count, failures: count, unknown: count })),
      tasks: z.object({ creates: count, updates: count, completedWithoutId: count, statuses: savedMap(taskStatus) }),
      prompts: count,
      modelErrors: count,
      rejections: count,
    }),
  ),
  calls: savedMap(
    z.object({ distrust: count, source: optionalText, model: optionalText, tokens, costUsd: optionalNumber }),
  ),
  toolCalls: savedMap(z.object({ distrust: count, tool: optionalText, outcome, ran: z.boolean() })),
  modelErrors: savedSet,
  rejections: savedSet,
  meters: savedMap(z.object({ measure: usageMeasure, model: optionalText, value: count })),
})

const savedSchema = z.object({
  keys: z.string(),
  fields: z.object({
    id: z.string(),
    phase: z.enum(['open', 'closing', 'closed']),
    revision: count,
    trigger: z.enum(['end_signal', 'idle', 'limit', 'end_of_input', 'live']),
    agentType: optionalText,
    agentTypeAtMs: orInfinity,
    agentVersion: optionalText,
    firstMs: orInfinity,
    lastMs: orMinusInfinity,
    sources: z.record(z.string(), count),
    activeIntervals: z.array(z.tuple([count, count])),
    processStartsMs: z.array(count),
    processEndsMs: z.array(count),
    counters: savedMap(
      z.object({
        model: optionalText,
        snapshots: z.array(z.object({ timeMs: count, messages: count, tokens })),
      }),
    ),
    facts,
    evaluations: savedMap(z.array(count)),
    asideFirstMs: orInfinity,
    asideLastMs: orMinusInfinity,
    compactions: count,
    spans: z.object({ count, notOk: count, longMs: count }),
    marks: z.array(
      z.object({
        kind: z.enum(['start', 'end']),
        timeMs: count,
        agentType: z.string(),
        invocationId: optionalText,
        status: invocationStatus,
        final: z.boolean(),
      }),
    ),
  }),
})

/** How aggregates lie on disk. */
export const aggregateCodec: StateCodec<Aggregate> = {
  encode: ({ fields, keys }) => JSON.stringify({ keys: keys.encode(), fields }, asSaved),
  decode(text) {
    const { keys, fields } = savedSchema.parse(JSON.parse(text))
    return new Aggregate(fields, KeySet.decode(keys))
  },
  meta: ({ fields, startMs, endMs, endSignalled }) => ({ phase: fields.phase, startMs, endMs, endSignalled }),
}
