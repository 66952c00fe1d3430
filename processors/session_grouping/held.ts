import { z } from 'zod'
import type { Observation } from '#src/model/activity.ts'
import type { SessionMeta } from '#src/store/store.ts'

const text = z.string().optional()
const taskStatus = z.enum(['pending', 'in_progress', 'completed', 'deleted'])
const invocation = { invocationId: text, agentType: z.string() }
const tokens = z.object({
  freshInput: z.number(),
  cacheRead: z.number(),
  cacheCreation: z.number(),
  output: z.number(),
  reasoning: z.number(),
})

const activity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session_start') }),
  z.object({ kind: z.literal('session_end') }),
  z.object({ kind: z.literal('prompt') }),
  z.object({ kind: z.literal('compaction') }),
  z.object({ kind: z.literal('presence') }),
  z.object({ kind: z.literal('token_snapshot'), counter: z.string(), messages: z.number(), model: text, tokens }),
  z.object({ kind: z.literal('tool_call'), tool: z.string(), outcome: z.enum(['ok', 'failed', 'unknown']) }),
  z.object({
    kind: z.literal('task_change'),
    change: z.enum(['created', 'updated']),
    taskId: text,
    status: taskStatus.optional(),
  }),
  z.object({ kind: z.literal('evaluation'), name: z.string(), score: z.number() }),
  z.object({ kind: z.literal('invocation_start'), ...invocation, background: z.boolean() }),
  z.object({
    kind: z.literal('invocation_end'),
    ...invocation,
    status: z.enum(['running', 'success', 'failure', 'unknown']),
    final: z.boolean(),
  }),
])

const heldSchema = z.array(
  z.object({
    source: z.string(),
    key: z.string(),
    sessionId: text,
    startMs: z.number(),
    endMs: z.number(),
    agentType: text,
    agentVersion: text,
    span: z.object({ ok: z.boolean() }).optional(),
    activities: z.array(activity),
  }),
)

export function encodeHeld(held: readonly Observation[]): string {
  return JSON.stringify(held)
}

export function decodeHeld(json: string): Observation[] {
  return heldSchema.parse(JSON.parse(json)).map(withAllKeys)
}

// JSON leaves undefined keys out; the types have them.
function withAllKeys(saved: z.infer<typeof heldSchema>[number]): Observation {
  const { sessionId, agentType, agentVersion, span } = saved
  return { ...saved, sessionId, agentType, agentVersion, span, activities: saved.activities.map(completeActivity) }
}

function completeActivity(saved: z.infer<typeof activity>): Observation['activities'][number] {
  switch (saved.kind) {
    case 'token_snapshot':
      return { ...saved, model: saved.model }
    case 'task_change':
      return { ...saved, taskId: saved.taskId, status: saved.status }
    case 'invocation_start':
    case 'invocation_end':
      return { ...saved, invocationId: saved.invocationId }
    default:
      return saved
  }
}

/**
 * The session that an observation without an id belongs to: the only one that was at work at that time.
 *
 * @returns `undefined` when none was, or more than one
 */
export function onlySessionAt(
  timeMs: number,
  sessions: Iterable<readonly [id: string, meta: SessionMeta]>,
): string | undefined {
  let found: string | undefined
  for (const [id, { startMs, endMs }] of sessions) {
    if (timeMs < startMs || timeMs > endMs) continue
    if (found !== undefined) return undefined
    found = id
  }
  return found
}
