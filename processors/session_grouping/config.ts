import * as z from 'zod'
import { durationMs } from '#src/config/units.ts'
import { MAX_AGENT_TYPE_LENGTH, sanitised } from './agent-types.ts'

/** Each rule is tried on each name. */
const MAX_RULES = 1000

const agentTypeName = z
  .string()
  .min(1)
  .refine((name) => sanitised(name) === name, {
    error: `expected a name without control characters and outer spaces, of at most ${MAX_AGENT_TYPE_LENGTH} characters`,
  })

export const configSchema = z.strictObject({
  idle_timeout: durationMs({ default: '30m' }).describe('A session without activity for this long has ended.'),
  idle_gap: durationMs({ default: '5m' }).describe(
    'Activities with at most this much time between them are one stretch of work.',
  ),
  reopen_window: durationMs({ default: '7d' }).describe(
    'Late activity reopens a session for this long after its end and gives a new revision; later it is dropped.',
  ),
  max_open_sessions: z
    .int()
    .positive()
    .default(10_000)
    .describe('With more open sessions than this, those that were quiet for longest are ended.'),
  max_held: z
    .int()
    .nonnegative()
    .default(10_000)
    .describe('Items without a session id that may wait until the sessions around them are known.'),
  agent_type: agentTypeName.optional().describe('Agent type of every session, whatever the telemetry says.'),
  agent_type_rules: z
    .array(
      z.strictObject({
        match: z.string().min(1).describe('The name that the telemetry tells; * stands for any text.'),
        agent_type: agentTypeName.describe('The agent type that it is called here.'),
      }),
    )
    .max(MAX_RULES)
    .default([])
    .describe('What agent types are called that the telemetry names: the first rule that matches.'),
  default_agent_type: agentTypeName
    .default('default')
    .describe('Agent type of sessions whose telemetry names neither an agent type nor a service.'),
})

export type Config = z.infer<typeof configSchema>
