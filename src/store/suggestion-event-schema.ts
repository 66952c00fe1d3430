import * as z from 'zod'
import { SUGGESTION_SCHEMA, type SuggestionEvent } from '#src/model/suggestion.ts'

const numbers = z.record(z.string(), z.number())
const base = {
  schema: z.int().min(1).max(SUGGESTION_SCHEMA),
  at: z.iso.datetime(),
  suggestion_id: z.string().min(1),
  agent_type: z.string(),
  reason: z.string(),
  after: z.strictObject({ session_id: z.string(), revision: z.int().positive() }).exactOptional(),
}
const stratum = z.strictObject({ model: z.string().nullable(), agent_version: z.string().nullable() })
const trial = z.strictObject({
  history: z.array(z.strictObject({ value: z.number(), stratum })),
  sessions: z.array(
    z.strictObject({
      session_id: z.string(),
      stratum,
      measured: z.strictObject({ value: z.number(), inputs: z.number() }).exactOptional(),
    }),
  ),
})
const decisionRule = z.enum([
  'posterior',
  'fast_lane',
  'e_value',
  'seed_2_of_3',
  'harm_stop',
  'futility',
  'session_limit',
  'undecided',
])

/** A line of `history/suggestions.jsonl`, strictly. */
export const suggestionEventSchema = z.discriminatedUnion('event', [
  z.strictObject({
    ...base,
    event: z.literal('proposed'),
    rule: z.string(),
    priority: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']),
    title: z.string(),
    implementation: z.string(),
    expected_impact: z.strictObject({
      kpi: z.string(),
      direction: z.enum(['increase', 'decrease']),
      magnitude: z.string(),
    }),
    session_id: z.string(),
    evidence: z.string(),
  }),
  z.strictObject({
    ...base,
    event: z.literal('activated'),
    decision: z.enum(['trial', 'strict', 'seed']),
    kpi: z.string(),
    direction: z.enum(['higher', 'lower']),
    reference: z.strictObject({ mean: z.number(), std_dev: z.number().nonnegative() }).nullable(),
    trigger_session_id: z.string(),
  }),
  z.strictObject({
    ...base,
    event: z.literal('assigned'),
    session_id: z.string(),
    arm: z.enum(['treated', 'control']),
    block: z.int().positive(),
    block_size: z.int().positive(),
    place: z.int().nonnegative(),
    stratum,
  }),
  z.strictObject({
    ...base,
    event: z.literal('injected'),
    session_id: z.string(),
    agent_id: z.string().exactOptional(),
    tokens: z.int().nonnegative(),
    characters: z.int().nonnegative().exactOptional(),
  }),
  z.strictObject({
    ...base,
    event: z.literal('provisional'),
    verdict: z.enum(['promising', 'unclear', 'worse']),
    evidence: numbers,
  }),
  z.strictObject({
    ...base,
    event: z.literal('proven'),
    decision_rule: decisionRule,
    evidence: numbers,
    trial: trial.exactOptional(),
  }),
  z.strictObject({
    ...base,
    event: z.literal('retired'),
    outcome: z.enum(['ineffective', 'harmful', 'futile']),
    decision_rule: decisionRule,
    evidence: numbers,
    trial: trial.exactOptional(),
  }),
  z.strictObject({ ...base, event: z.literal('promoted') }),
  z.strictObject({ ...base, event: z.literal('disabled') }),
  z.strictObject({ ...base, event: z.literal('enabled') }),
  z.strictObject({ ...base, event: z.literal('reverted') }),
  z.strictObject({ ...base, event: z.literal('reopened'), evidence: numbers }),
]) satisfies z.ZodType<SuggestionEvent>

/**
 * Reads one line of the ledger of suggestions.
 *
 * @returns `undefined` for a line that is not one, and for one of a newer schema
 */
export function parseSuggestionEvent(line: string): SuggestionEvent | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return undefined
  }
  return suggestionEventSchema.safeParse(parsed).data
}
