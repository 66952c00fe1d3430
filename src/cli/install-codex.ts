import type { LoadedConfig } from '#src/config/config.ts'
import { commandHook } from './claude-hook-command.ts'
import { codexEvents } from './codex-client.ts'
import type { InstallPlan } from './install.ts'
import type { Io } from './io.ts'
import { hooksUrl } from './receiver-address.ts'

/** What sessions of Codex are called; its rollouts say the same. */
const AGENT_TYPE = 'codex'

/** Codex runs commands alone, each of which it waits for: only events that its rollouts do not tell, or that are answered. */
export function planCodex(config: LoadedConfig, io: Pick<Io, 'env'>): InstallPlan {
  const { program, events } = codexEvents(io.env)
  const hook = commandHook(`${hooksUrl(config)}?agent_type=${AGENT_TYPE}`)
  return {
    additions: { hooks: Object.fromEntries(events.map((event) => [event, hook])), env: {} },
    notes: [
      program === undefined
        ? 'No `codex` was found: only hooks that every version knows are written. Install again when it is there.'
        : `Hooks that ${program} knows: ${events.join(', ')}.`,
      'Codex asks before it runs new hooks, or leaves them out: type /hooks in it, look at them and trust them.',
      'Tokens, tools and failures are read from the rollouts that Codex keeps (receiver `transcripts`).',
    ],
  }
}
