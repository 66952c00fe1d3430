import type { AgentTypeOrigin } from '../model/activity.ts'
import type { Telemetry } from '../model/telemetry.ts'
import { type Aliases, pickText } from './dialect.ts'

/** Names the main agent's type, on an item or on its resource: users set it with `OTEL_RESOURCE_ATTRIBUTES`. */
const AGENT_TYPE: Aliases = ['agentperf.agent_type']

/** The attributes of an item that say whose it is, beside the session's id. */
export const OWNER_ATTRIBUTES = AGENT_TYPE

const SERVICE: Aliases = ['service.name']

/** What SDKs write where nobody named the service. */
const UNNAMED_SERVICE = 'unknown_service'

/** Whose item it is. */
export interface Owner {
  readonly sessionId: string | undefined
  readonly agentType: string | undefined
  readonly agentTypeOrigin: AgentTypeOrigin | undefined
  readonly agentVersion: string | undefined
}

type Owned = Pick<Telemetry, 'attributes' | 'resource'>

/** @param sessionId names of the session's id, on the item or else on its resource */
export function ownerOf(item: Owned, sessionId: Aliases): Owner {
  const { attributes, resource } = item
  const named = pickText(attributes, AGENT_TYPE) ?? pickText(resource.attributes, AGENT_TYPE)
  const agentType = named ?? serviceOf(item)
  return {
    sessionId: pickText(attributes, sessionId) ?? pickText(resource.attributes, sessionId),
    agentType,
    agentTypeOrigin: named === undefined ? (agentType === undefined ? undefined : 'service') : 'attribute',
    agentVersion: pickText(resource.attributes, ['service.version']),
  }
}

/** The service that emitted an item, where its sender was named. */
export function serviceOf({ resource }: Owned): string | undefined {
  const service = pickText(resource.attributes, SERVICE)
  return service?.startsWith(UNNAMED_SERVICE) === true ? undefined : service
}
