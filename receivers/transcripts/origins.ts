import type { Resource, Scope } from '#src/model/telemetry.ts'

const SCOPE: Scope = { name: 'agentperf.transcripts' }
/** Versions and types come from files: no more of them than this are remembered. */
const MAX_REMEMBERED = 1000

interface Writer {
  readonly event: string
  readonly version: string | undefined
  readonly agentType: string | undefined
}

/** Who wrote lines. Lines of the same writer share one resource. */
export class Origins {
  readonly #resources = new Map<string, Resource>()

  of({ event, version, agentType }: Writer): { readonly resource: Resource; readonly scope: Scope } {
    const service = event.startsWith('codex_') ? 'codex' : 'claude-code'
    const key = `${service}\n${version ?? ''}\n${agentType ?? ''}`
    const known = this.#resources.get(key)
    if (known !== undefined) return { resource: known, scope: SCOPE }
    if (this.#resources.size >= MAX_REMEMBERED) this.#resources.clear()
    const resource: Resource = {
      attributes: {
        'service.name': service,
        ...(version === undefined ? undefined : { 'service.version': version }),
        ...(agentType === undefined ? undefined : { 'agentperf.agent_type': agentType }),
      },
    }
    this.#resources.set(key, resource)
    return { resource, scope: SCOPE }
  }
}
