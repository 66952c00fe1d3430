import * as z from 'zod'
import type { LoadedConfig } from '#src/config/config.ts'
import { clientHooks } from './claude-client.ts'
import { type Additions, hooksFor, type Settings, telemetryEnv } from './claude-settings.ts'
import type { InstallPlan } from './install.ts'
import type { Io } from './io.ts'
import type { InstallOptions } from './options.ts'
import { hooksUrl, reachable } from './receiver-address.ts'

const TODO_TOOLS = 'CLAUDE_CODE_ENABLE_TODO_TOOLS'

const otlpConfig = z.looseObject({
  protocols: z.looseObject({ http: z.looseObject({ endpoint: z.string() }).optional() }),
})

/** Hooks that the installed client knows, and in user scope what makes it send its telemetry. */
export function planClaudeCode(options: InstallOptions, config: LoadedConfig, settings: Settings, io: Io): InstallPlan {
  const client = clientHooks(io.env)
  const telemetry = telemetryOf(config, options, settings)
  return {
    additions: { hooks: hooksFor(client.events, hooksUrl(config), client.http), env: telemetry.env },
    notes: [
      client.program === undefined
        ? 'No `claude` was found: only hooks that every version knows are written. Install again when it is there.'
        : `Hooks that ${client.program} knows: ${client.events.join(', ')}.`,
      ...telemetry.notes,
    ],
  }
}

function telemetryOf(
  { receivers }: LoadedConfig,
  { scope, todoTools }: Pick<InstallOptions, 'scope' | 'todoTools'>,
  { env = {} }: Settings,
): { readonly env: Additions['env']; readonly notes: readonly string[] } {
  const todo: Additions['env'] = todoTools ? { [TODO_TOOLS]: '1' } : {}
  const offer = todoTools
    ? []
    : [`--todo-tools also sets ${TODO_TOOLS}=1: task completion is known of more models then.`]
  if (todoTools && (env[TODO_TOOLS] ?? '1') !== '1') offer.push(`${TODO_TOOLS} is set already: that stays as it is.`)
  if (scope === 'project') {
    const note = 'Project settings cannot switch telemetry on (Claude Code ignores OTEL_* there): hooks only.'
    return { env: todo, notes: [note, ...offer] }
  }
  const receiver = [...receivers.values()].find(({ type }) => type === 'otlp')
  const endpoint = otlpConfig.safeParse(receiver?.config).data?.protocols.http?.endpoint
  if (endpoint === undefined) return { env: todo, notes: ['No receiver `otlp` over HTTP: hooks only.', ...offer] }
  const wanted = telemetryEnv(`http://${reachable(endpoint)}`)
  const other = Object.entries(wanted).filter(([name, value]) => env[name] !== undefined && env[name] !== value)
  if (other.length === 0) return { env: { ...wanted, ...todo }, notes: offer }
  const names = other.map(([name]) => name).join(', ')
  const note = `The settings send telemetry elsewhere (${names}): that stays as it is, and only hooks are added.`
  return { env: todo, notes: [note, ...offer] }
}
