import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { LoadedConfig } from '#src/config/config.ts'
import { layoutOf } from '#src/store/layout.ts'
import { type Additions, absentOf, withAdditions } from './claude-settings.ts'
import { loadConfiguration } from './configuration.ts'
import { planClaudeCode } from './install-claude-code.ts'
import { planCodex } from './install-codex.ts'
import { Installation, parseSettings, settingsText } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { fitted, lineDiff } from './line-diff.ts'
import type { InstallOptions } from './options.ts'
import { ownName } from './own-name.ts'

/** What an agent's settings get, and what a person should know of it. */
export interface InstallPlan {
  readonly additions: Additions
  readonly notes: readonly string[]
}

/** Makes an agent send its hooks, and where it can its telemetry, to agentperf: shows what changes, and keeps what was. */
export async function run(options: InstallOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const installation = installationOf(options, config, io)
  const { text: before } = installation.original()
  const settings = parseSettings(before, installation.path)
  const { additions: wanted, notes } =
    options.action === 'codex' ? planCodex(config, io) : planClaudeCode(options, config, settings, io)
  const additions = absentOf(wanted, settings)
  const after = settingsText(withAdditions(settings, additions))
  const diff = lineDiff(installation.current(), after)
  io.stdout.write(`${installation.path}\n${diff === '' ? 'nothing to change\n' : fitted(diff, io)}`)
  io.stderr.write(notes.map((note) => `${note}\n`).join(''))
  if (diff === '') return EXIT.fine
  if (options.dryRun) {
    io.stderr.write(`Nothing was written: ${countOf(additions)} would be added. Without --dry-run they are.\n`)
    return EXIT.fine
  }
  installation.write(after, additions)
  io.stderr.write(
    `Written: ${countOf(additions)}. \`${ownName(io)} uninstall ${options.action}\` brings back what was there.\n`,
  )
  return EXIT.fine
}

/** The file of a scope that an agent reads its hooks from. */
export function installationOf(
  { action, scope }: Pick<InstallOptions, 'action' | 'scope'>,
  config: LoadedConfig,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): Installation {
  const home = env.HOME ?? homedir()
  const [folder, own, file] =
    action === 'codex' ? ['.codex', env.CODEX_HOME, 'hooks.json'] : ['.claude', env.CLAUDE_CONFIG_DIR, 'settings.json']
  // An empty variable is none, as the agents take it.
  const place = scope === 'project' ? join(cwd, folder) : resolve(cwd, own || join(home, folder))
  const { stateDirectory } = layoutOf(config.service.storage.directory)
  return new Installation({ agent: action, path: join(place, file), stateDirectory })
}

function countOf({ hooks, env }: Additions): string {
  const variables = Object.keys(env).length
  const ofHooks = `${Object.keys(hooks).length} hooks`
  return variables === 0 ? ofHooks : `${ofHooks} and ${variables} variables`
}
