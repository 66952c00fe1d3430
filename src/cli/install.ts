import { homedir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { claudeHooks } from '#receivers/claude_hooks/claude_hooks.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { EnvironmentError } from '#src/errors.ts'
import { parseEndpoint } from '#src/net/listen.ts'
import { layoutOf } from '#src/store/layout.ts'
import { clientHooks } from './claude-client.ts'
import { type Additions, hooksFor, type Settings, telemetryEnv, withAdditions } from './claude-settings.ts'
import { loadConfiguration } from './configuration.ts'
import { Installation, parseSettings, settingsText } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { lineDiff } from './line-diff.ts'
import type { InstallOptions } from './options.ts'
import { ownName } from './own-name.ts'

const TODO_TOOLS = 'CLAUDE_CODE_ENABLE_TODO_TOOLS'

const hooksConfig = z.looseObject({ endpoint: z.string() })
const otlpConfig = z.looseObject({
  protocols: z.looseObject({ http: z.looseObject({ endpoint: z.string() }).optional() }),
})

/** Makes Claude Code send its hooks, and in user scope its telemetry, to agentperf: shows what changes, and keeps what was. */
export async function run(options: InstallOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const installation = installationOf(options, config, io)
  const { text: before } = installation.original()
  const settings = parseSettings(before, installation.path)
  const client = clientHooks(io.env)
  const telemetry = telemetryOf(config, options, settings)
  const additions: Additions = {
    hooks: hooksFor(client.events, hooksUrl(config), client.http),
    env: telemetry.env,
  }
  const after = settingsText(withAdditions(settings, additions))
  const diff = lineDiff(installation.current(), after)
  io.stdout.write(`${installation.path}\n${diff === '' ? 'nothing to change\n' : diff}`)
  const notes = [
    client.program === undefined
      ? 'No `claude` was found: only hooks that every version knows are written. Install again when it is there.'
      : `Hooks that ${client.program} knows: ${client.events.join(', ')}.`,
    ...telemetry.notes,
  ]
  io.stderr.write(notes.map((note) => `${note}\n`).join(''))
  if (diff === '' || options.dryRun) return EXIT.fine
  installation.write(after, additions)
  io.stderr.write(`Written. \`${ownName(io)} uninstall claude-code\` brings back what was there.\n`)
  return EXIT.fine
}

/** The settings file of a scope. */
export function installationOf(
  { scope }: Pick<InstallOptions, 'scope'>,
  config: LoadedConfig,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): Installation {
  const home = env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), '.claude')
  const folder = scope === 'project' ? join(cwd, '.claude') : home
  return new Installation(join(folder, 'settings.json'), layoutOf(config.service.storage.directory).stateDirectory)
}

function hooksUrl({ receivers }: LoadedConfig): string {
  const receiver = [...receivers.values()].find(({ type }) => type === claudeHooks.type)
  const parsed = hooksConfig.safeParse(receiver?.config).data
  if (parsed === undefined) {
    throw new EnvironmentError('The configuration has no receiver `claude_hooks`: there is nothing to send hooks to.')
  }
  return `http://${reachable(parsed.endpoint)}/hooks`
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

/** Where a server on all addresses is reached from the same machine. */
function reachable(endpoint: string): string {
  const { host, port } = parseEndpoint(endpoint)
  return `${['0.0.0.0', '::', '[::]'].includes(host) ? '127.0.0.1' : host}:${port}`
}
