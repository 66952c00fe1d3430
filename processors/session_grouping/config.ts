import { z } from 'zod'
import { durationMs } from '#src/config/units.ts'

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
  agent_type: z.string().min(1).optional().describe('Agent type of every session, whatever the telemetry says.'),
  default_agent_type: z
    .string()
    .min(1)
    .default('default')
    .describe('Agent type of sessions whose telemetry names none.'),
})

export type Config = z.infer<typeof configSchema>
