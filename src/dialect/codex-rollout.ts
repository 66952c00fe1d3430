import type { Activity, Outcome, TokenCounts } from '../model/activity.ts'
import type { Attributes, LogRecord, Telemetry } from '../model/telemetry.ts'
import { disjoint, pickAmount } from './amounts.ts'
import { type Dialect, pickText, type Reading } from './dialect.ts'
import { ownerOf } from './owner.ts'
import { PRESENCE } from './readings.ts'

const PREFIX = 'codex_rollout.'
const PROMPT: readonly Activity[] = [{ kind: 'prompt' }]
const COMPACTION: readonly Activity[] = [{ kind: 'compaction' }]

/** Codex' own session files (rollouts), as the receiver of transcripts hands on their lines. */
export const codexRollout: Dialect = {
  sources: [
    {
      name: 'codex_rollout',
      kind: 'transcripts',
      tells: ['model_calls', 'tools', 'prompts', 'compactions'],
    },
  ],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'log' || item.eventName?.startsWith(PREFIX) !== true) return undefined
    const event = item.eventName.slice(PREFIX.length)
    const activities = activitiesOf(event, item)
    if (activities === undefined) return { kind: 'unknown', name: item.eventName }
    const { attributes, timeMs } = item
    return {
      kind: 'observed',
      observation: {
        source: 'codex_rollout',
        key: `${event}:${pickText(attributes, ['record.id']) ?? ''}:${timeMs}`,
        ...ownerOf(item, ['session.id']),
        startMs: timeMs,
        endMs: timeMs,
        span: undefined,
        activities,
      },
    }
  },
}

function activitiesOf(event: string, { attributes }: LogRecord): readonly Activity[] | undefined {
  const callId = pickText(attributes, ['call_id'])
  switch (event) {
    case 'model_call':
      return [modelCall(attributes)]
    case 'token_count':
      return [tokenCount(attributes)]
    case 'tool_call': {
      const tool = pickText(attributes, ['tool_name'])
      return callId === undefined || tool === undefined ? PRESENCE : [{ kind: 'tool_name', callId, tool }]
    }
    case 'tool_output':
    case 'tool_end':
      return [{ kind: 'tool_call', callId, tool: undefined, outcome: outcomeOf(attributes) }]
    case 'prompt':
      return PROMPT
    case 'compaction':
      return COMPACTION
    case 'presence':
      return PRESENCE
    default:
      return undefined
  }
}

// Codex' telemetry does not name its responses: what is told here counts where it tells nothing, and never beside it.
function modelCall(attributes: Attributes): Activity {
  const responseId = pickText(attributes, ['response.id'])
  return {
    kind: 'model_call',
    callId: undefined,
    ...(responseId === undefined ? undefined : { localId: responseId }),
    model: pickText(attributes, ['model']),
    tokens: tokensOf(attributes),
    costUsd: undefined,
  }
}

/** The running total, for rollouts of versions that do not tell of single responses; a fork's begins with that of its parent. */
function tokenCount(attributes: Attributes): Activity {
  const tokens = tokensOf(attributes)
  const last = tokensOf(attributes, 'last_')
  return {
    kind: 'token_snapshot',
    counter: 'codex_rollout',
    messages: pickAmount(attributes, ['total_tokens']) ?? 0,
    model: pickText(attributes, ['model']),
    tokens,
    ...(pickAmount(attributes, ['last_input_tokens']) === undefined ? undefined : { before: less(tokens, last) }),
  }
}

function less(a: TokenCounts, b: TokenCounts): TokenCounts {
  const difference = (field: keyof TokenCounts): number => Math.max(0, a[field] - b[field])
  return {
    freshInput: difference('freshInput'),
    cacheRead: difference('cacheRead'),
    cacheCreation: difference('cacheCreation'),
    output: difference('output'),
    reasoning: difference('reasoning'),
  }
}

/** Input includes what was read from and written to the cache; output includes reasoning. */
function tokensOf(attributes: Attributes, prefix = ''): TokenCounts {
  const amount = (name: string): number | undefined => pickAmount(attributes, [prefix + name])
  return disjoint({
    input: amount('input_tokens'),
    cacheRead: amount('cached_input_tokens'),
    cacheCreation: amount('cache_write_input_tokens'),
    output: amount('output_tokens'),
    reasoning: amount('reasoning_output_tokens'),
  })
}

function outcomeOf(attributes: Attributes): Outcome {
  const outcome = pickText(attributes, ['outcome'])
  return outcome === 'ok' || outcome === 'failed' ? outcome : 'unknown'
}
