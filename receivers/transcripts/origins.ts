import type { Resource, Scope } from '#src/model/telemetry.ts'

const SCOPE: Scope = { name: 'agentperf.transcripts' }
/** Versions and types come from files: no more of them than this are remembered. */
const MAX_REMEMBERED = 1000

interface Writer {
  readonly event: string
  readonly version: string | undefined
  readonly agentType: string | undefined
}

interface Origin {
  readonly resource: Resource
  readonly scope: Scope
}

/** Who wrote lines. Lines of the same writer share one resource. */
export class Origins {
  readonly #resources = new Map<string, Resource>()
  #last: { readonly writer: Writer; readonly origin: Origin } | undefined

  of(writer: Writer): Origin {
    const { event, version, agentType } = writer
    const last = this.#last
    const isSame = last !== undefined && last.writer.version === version && last.writer.agentType === agentType
    if (isSame && isCodex(last.writer.event) === isCodex(event)) return last.origin
    const origin = { resource: this.#resourceOf(writer), scope: SCOPE }
    this.#last = { writer: { event, version, agentType }, origin }
    return origin
  }

  #resourceOf({ event, version, agentType }: Writer): Resource {
    const service = isCodex(event) ? 'codex' : 'claude-code'
    const key = `${service}\n${version ?? ''}\n${agentType ?? ''}`
    const known = this.#resources.get(key)
    if (known !== undefined) return known
    if (this.#resources.size >= MAX_REMEMBERED) this.#resources.clear()
    const resource: Resource = {
      attributes: {
        'service.name': service,
        ...(version === undefined ? undefined : { 'service.version': version }),
        ...(agentType === undefined ? undefined : { 'agentperf.agent_type': agentType }),
      },
    }
    this.#resources.set(key, resource)
    return resource
  }
}

function isCodex(event: string): boolean {
  return event.startsWith('codex_')
}
