import type { Attributes, AttributeValue, Resource, Scope } from '#src/model/telemetry.ts'
import type { Json } from '#src/store/store.ts'
import { isObject, type JsonObject, textOf } from './json.ts'

const NO_RESOURCE: Resource = { attributes: {} }
const NO_SCOPE: Scope = { name: '' }
const MAX_REMEMBERED = 1000

/** What lines say about who wrote them. Lines that say the same share one object. */
export class Origins {
  readonly #resources = new Map<string, Resource>()
  readonly #scopes = new Map<string, Scope>()
  #last: JsonObject = {}
  #lastResource = NO_RESOURCE

  /** `{serviceName, serviceVersion}` under the names of OpenTelemetry; everything else under its own. */
  resourceOf({ resource }: JsonObject): Resource {
    if (!isObject(resource)) return NO_RESOURCE
    const { serviceName, serviceVersion } = resource
    if (!isCommon(resource)) return { attributes: resourceAttributes(resource) }
    // Nearly always the line before said the same.
    if (serviceName === this.#last.serviceName && serviceVersion === this.#last.serviceVersion)
      return this.#lastResource
    this.#last = resource
    const key = JSON.stringify([serviceName, serviceVersion])
    this.#lastResource = remembered(this.#resources, key, () => ({ attributes: resourceAttributes(resource) }))
    return this.#lastResource
  }

  scopeOf(line: JsonObject): Scope {
    const { instrumentationScope } = line
    if (!isObject(instrumentationScope)) return NO_SCOPE
    const name = textOf(instrumentationScope.name) ?? ''
    const version = textOf(instrumentationScope.version)
    return remembered(this.#scopes, JSON.stringify([name, version]), () => ({
      name,
      ...(version === undefined ? undefined : { version }),
    }))
  }
}

function isCommon(resource: JsonObject): boolean {
  for (const key in resource) {
    if ((key !== 'serviceName' && key !== 'serviceVersion') || typeof resource[key] !== 'string') return false
  }
  return true
}

function resourceAttributes({ serviceName, serviceVersion, attributes, ...others }: JsonObject): Attributes {
  const named: Record<string, AttributeValue> = {}
  if (present(serviceName)) named['service.name'] = serviceName
  if (present(serviceVersion)) named['service.version'] = serviceVersion
  return { ...others, ...(isObject(attributes) ? attributes : undefined), ...named }
}

function present(value: Json | undefined): value is Json {
  return value !== undefined && value !== null
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key)
  if (found !== undefined) return found
  // Names come from outside: no more of them than this.
  if (known.size >= MAX_REMEMBERED) known.clear()
  const made = make()
  known.set(key, made)
  return made
}
