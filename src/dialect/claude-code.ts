import type { Activity, InvocationRef } from '../model/activity.ts'
import type { Attributes, Telemetry } from '../model/telemetry.ts'
import { pickAmount } from './amounts.ts'
import { type Aliases, pickText } from './dialect.ts'
import { type Owner, ownerOf } from './owner.ts'

/** Names that Claude Code's logs, metrics and traces share. */
export const COMMON_NAMES = {
  sessionId: ['session.id'],
  model: ['model', 'gen_ai.request.model'],
  requestId: ['request_id'],
  toolUseId: ['tool_use_id'],
  toolName: ['tool_name'],
  freshInput: ['input_tokens'],
  output: ['output_tokens'],
  cacheRead: ['cache_read_tokens'],
  cacheCreation: ['cache_creation_tokens'],
} as const satisfies Record<string, Aliases>

const AGENT_ID = ['agent_id']
const INVOCATION_TYPE = ['agent.name', 'agent_type']
const PARENT_ID = ['parent_agent_id']

/** The attributes that say of which subagent's work an item is. */
export const INVOCATION_ATTRIBUTES: readonly string[] = [...AGENT_ID, ...INVOCATION_TYPE, ...PARENT_ID]

/** The subagent whose work an item is. Clients before 2.1.328 do not tell. */
export function invocationOf({ attributes }: Pick<Telemetry, 'attributes'>): { readonly invocation?: InvocationRef } {
  const id = pickText(attributes, AGENT_ID)
  if (id === undefined) return {}
  const agentType = pickText(attributes, INVOCATION_TYPE)
  return { invocation: { id, agentType, parentId: pickText(attributes, PARENT_ID) } }
}

/** Whose item it is, as all of Claude Code's telemetry tells it. */
export function claudeCodeOwner(item: Pick<Telemetry, 'attributes' | 'resource'>): Owner {
  return ownerOf(item, COMMON_NAMES.sessionId)
}

/** A request that was answered; logs know its cost, traces do not. */
export function modelCallOf(attributes: Attributes): Activity {
  return {
    kind: 'model_call',
    callId: pickText(attributes, COMMON_NAMES.requestId),
    model: pickText(attributes, COMMON_NAMES.model),
    tokens: {
      freshInput: pickAmount(attributes, COMMON_NAMES.freshInput) ?? 0,
      cacheRead: pickAmount(attributes, COMMON_NAMES.cacheRead) ?? 0,
      cacheCreation: pickAmount(attributes, COMMON_NAMES.cacheCreation) ?? 0,
      output: pickAmount(attributes, COMMON_NAMES.output) ?? 0,
      reasoning: 0,
    },
    costUsd: pickAmount(attributes, ['cost_usd']),
  }
}
