import { hash } from 'node:crypto'
import type { Activity } from '../model/activity.ts'
import type { Attributes, Telemetry } from '../model/telemetry.ts'
import { type Aliases, pickNumber, pickText } from './dialect.ts'

const MAX_AMOUNT = 1e12

/** Names that Claude Code's logs, metrics and traces share. */
export const COMMON_NAMES = {
  sessionId: ['session.id'],
  agentType: ['agentperf.agent_type'],
  model: ['model', 'gen_ai.request.model'],
  requestId: ['request_id'],
  toolUseId: ['tool_use_id'],
  toolName: ['tool_name'],
  freshInput: ['input_tokens'],
  output: ['output_tokens'],
  cacheRead: ['cache_read_tokens'],
  cacheCreation: ['cache_creation_tokens'],
} as const satisfies Record<string, Aliases>

/** Whose item it is, as all of Claude Code's telemetry tells it. */
export function ownerOf({ attributes, resource }: Pick<Telemetry, 'attributes' | 'resource'>) {
  return {
    sessionId: pickText(attributes, COMMON_NAMES.sessionId),
    agentType: pickText(attributes, COMMON_NAMES.agentType) ?? pickText(resource.attributes, COMMON_NAMES.agentType),
    agentVersion: pickText(resource.attributes, ['service.version']),
  }
}

/** A request that was answered; logs know its cost, traces do not. */
export function modelCallOf(attributes: Attributes): Activity {
  return {
    kind: 'model_call',
    callId: pickText(attributes, COMMON_NAMES.requestId),
    model: pickText(attributes, COMMON_NAMES.model),
    tokens: {
      freshInput: amount(attributes, COMMON_NAMES.freshInput) ?? 0,
      cacheRead: amount(attributes, COMMON_NAMES.cacheRead) ?? 0,
      cacheCreation: amount(attributes, COMMON_NAMES.cacheCreation) ?? 0,
      output: amount(attributes, COMMON_NAMES.output) ?? 0,
      reasoning: 0,
    },
    costUsd: amount(attributes, ['cost_usd']),
  }
}

/** A number of tokens or dollars: not negative, and small enough that sums stay exact. */
function amount(attributes: Attributes, aliases: Aliases): number | undefined {
  const value = pickNumber(attributes, aliases)
  return value === undefined || value < 0 || value > MAX_AMOUNT ? undefined : value
}

/**
 * A text that is the same for the same attributes in the same order. It is a hash: keys are kept on disk, and among the
 * attributes are names and addresses.
 */
export function attributesKey(attributes: Attributes): string {
  const text = JSON.stringify(attributes, (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return hash('sha256', text, 'base64url')
}
