import * as z from 'zod'
import type { Observation } from '#src/model/activity.ts'
import type { SessionMeta } from '#src/store/store.ts'
import {
  invocationStatus,
  optionalAgentTypeOrigin,
  optionalNumber,
  optionalTaskStatus,
  optionalText,
  outcome,
  tokens,
  undefinedAsNull,
  usageMeasure,
} from './saved-values.ts'

/** So long before and after a session its process may measure, as it starts and ends. */
const FLUSH_MS = 5000

const invocation = { invocationId: optionalText, agentType: z.string() }

const activity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session_start') }),
  z.object({ kind: z.literal('session_end') }),
  z.object({ kind: z.literal('prompt'), promptId: z.string().exactOptional() }),
  z.object({ kind: z.literal('compaction') }),
  z.object({ kind: z.literal('context_added'), characters: z.number() }),
  z.object({ kind: z.literal('presence') }),
  z.object({
    kind: z.literal('token_snapshot'),
    counter: z.string(),
    messages: z.number(),
    model: optionalText,
    tokens,
    before: tokens.exactOptional(),
  }),
  z.object({
    kind: z.literal('model_call'),
    callId: optionalText,
    localId: z.string().exactOptional(),
    model: optionalText,
    tokens,
    provisional: z.boolean().exactOptional(),
    costUsd: optionalNumber,
  }),
  z.object({ kind: z.literal('model_error'), callId: optionalText }),
  z.object({ kind: z.literal('tool_call'), callId: optionalText, tool: optionalText, outcome }),
  z.object({ kind: z.literal('tool_name'), callId: z.string(), tool: z.string() }),
  z.object({ kind: z.literal('tool_rejection'), callId: optionalText }),
  z.object({
    kind: z.literal('task_change'),
    change: z.enum(['created', 'updated']),
    taskId: optionalText,
    status: optionalTaskStatus,
  }),
  z.object({
    kind: z.literal('usage'),
    measure: usageMeasure,
    model: optionalText,
    series: z.string(),
    cumulative: z.boolean(),
    value: z.number(),
  }),
  z.object({ kind: z.literal('evaluation'), name: z.string(), score: z.number() }),
  z.object({ kind: z.literal('invocation_start'), ...invocation, background: z.boolean() }),
  z.object({ kind: z.literal('invocation_end'), ...invocation, status: invocationStatus, final: z.boolean() }),
])

const heldSchema = z.object({
  source: z.string(),
  key: z.string(),
  sessionId: optionalText,
  startMs: z.number(),
  endMs: z.number(),
  agentType: optionalText,
  agentTypeOrigin: optionalAgentTypeOrigin.optional(),
  agentVersion: optionalText,
  invocation: z.object({ id: z.string(), agentType: optionalText, parentId: optionalText }).exactOptional(),
  span: z
    .object({ ok: z.boolean() })
    .nullable()
    .transform((span) => span ?? undefined),
  activities: z.array(activity).readonly(),
})

/** An activity or origin that the schema lacks does not compile here: nothing else would read it back. */
export function encodeHeld(held: readonly z.output<typeof heldSchema>[]): string {
  return JSON.stringify(held, undefinedAsNull)
}

/** @returns what {@link encodeHeld} was given, and how many of it another version wrote in a way that is not known here */
export function decodeHeld(json: string): { readonly held: Observation[]; readonly unreadable: number } {
  const saved = z.array(z.unknown()).parse(JSON.parse(json))
  const held: Observation[] = saved.flatMap((each) => heldSchema.safeParse(each).data ?? [])
  return { held, unreadable: saved.length - held.length }
}

/**
 * The session that an observation without an id belongs to: the only one that was at work when it began. What a metric
 * measures is written at intervals, and once more when the process ends: there, it is the only session that its
 * interval touches.
 *
 * @param admits whether the session is of the observation's emitter
 * @returns `undefined` when there is none, or more than one
 */
export function onlySessionAt(
  { startMs, endMs, activities }: Pick<Observation, 'startMs' | 'endMs' | 'activities'>,
  sessions: readonly (readonly [id: string, meta: SessionMeta])[],
  admits: (sessionId: string) => boolean,
): string | undefined {
  const within = (fromMs: number, untilMs: number): string[] =>
    sessions.filter(([, meta]) => meta.startMs <= untilMs && meta.endMs >= fromMs).map(([id]) => id)
  const then = within(startMs, startMs).filter(admits)
  if (then.length > 0 || !activities.every(({ kind }) => kind === 'usage')) return onlyOne(then)
  return onlyOne(within(startMs - FLUSH_MS, Math.max(startMs, endMs) + FLUSH_MS).filter(admits))
}

function onlyOne([first, ...others]: readonly string[]): string | undefined {
  return others.length > 0 ? undefined : first
}
