import type { Activity, Outcome, TokenCounts } from '../model/activity.ts'
import type { Attributes, LogRecord, Telemetry } from '../model/telemetry.ts'
import { type Dialect, pickNumber, pickText, type Reading } from './dialect.ts'

const PREFIX = 'codex_rollout.'
const MAX_AMOUNT = 1e12
const PRESENCE: readonly Activity[] = [{ kind: 'presence' }]
const PROMPT: readonly Activity[] = [{ kind: 'prompt' }]
const COMPACTION: readonly Activity[] = [{ kind: 'compaction' }]

/** Codex' own session files (rollouts), as the receiver of transcripts hands on their lines. */
export const codexRollout: Dialect = {
  name: 'codex_rollout',
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'log' || item.eventName?.startsWith(PREFIX) !== true) return undefined
    const event = item.eventName.slice(PREFIX.length)
    const activities = activitiesOf(event, item)
    if (activities === undefined) return { kind: 'unknown', name: item.eventName }
    const { attributes, resource, timeMs } = item
    return {
      kind: 'observed',
      observation: {
        source: 'codex_rollout',
        key: `${event}:${pickText(attributes, ['record.id']) ?? ''}:${timeMs}`,
        sessionId: pickText(attributes, ['session.id']),
        startMs: timeMs,
        endMs: timeMs,
        agentType: pickText(resource.attributes, ['agentperf.agent_type']),
        agentVersion: pickText(resource.attributes, ['service.version']),
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

/** The running total, for rollouts of versions that do not tell of single responses. */
function tokenCount(attributes: Attributes): Activity {
  return {
    kind: 'token_snapshot',
    counter: 'codex_rollout',
    messages: amount(attributes, 'total_tokens'),
    model: pickText(attributes, ['model']),
    tokens: tokensOf(attributes),
  }
}

/** Input includes what was read from and written to the cache; output includes reasoning. */
function tokensOf(attributes: Attributes): TokenCounts {
  const cacheRead = amount(attributes, 'cached_input_tokens')
  const cacheCreation = amount(attributes, 'cache_write_input_tokens')
  return {
    freshInput: Math.max(0, amount(attributes, 'input_tokens') - cacheRead - cacheCreation),
    cacheRead,
    cacheCreation,
    output: amount(attributes, 'output_tokens'),
    reasoning: amount(attributes, 'reasoning_output_tokens'),
  }
}

function outcomeOf(attributes: Attributes): Outcome {
  const outcome = pickText(attributes, ['outcome'])
  return outcome === 'ok' || outcome === 'failed' ? outcome : 'unknown'
}

/** A number of tokens: not negative, and small enough that sums stay exact. */
function amount(attributes: Attributes, name: string): number {
  const value = pickNumber(attributes, [name]) ?? 0
  return value < 0 || value > MAX_AMOUNT ? 0 : value
}
