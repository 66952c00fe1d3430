import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findProgram, wordsIn } from './client-program.ts'

/** Events of which agentperf makes something that Codex's rollouts do not tell. */
const WANTED = [
  'SessionStart',
  'SubagentStart',
  'SessionEnd',
  'UserPromptSubmit',
  'SubagentStop',
  'PostCompact',
] as const

type CodexEvent = (typeof WANTED)[number]

/** Events that every Codex with hooks has. */
const OLDEST: readonly CodexEvent[] = ['SessionStart', 'UserPromptSubmit']

/** Which of the wanted events the installed Codex knows, and its program; absent where none was found. */
export function codexEvents(env: Readonly<Record<string, string | undefined>>): {
  readonly program?: string
  readonly events: readonly CodexEvent[]
} {
  const found = findProgram('codex', env.PATH ?? '')
  if (found === undefined) return { events: OLDEST }
  const program = nativeProgram(found) ?? found
  const known = wordsIn(program, WANTED)
  if (!OLDEST.every((event) => known.has(event))) return { program, events: OLDEST }
  return { program, events: WANTED.filter((event) => known.has(event)) }
}

/** npm's `codex` only starts the program, which lies in a package beside it: `codex-linux-x64/vendor/{target}/bin/codex`. */
function nativeProgram(launcher: string): string | undefined {
  if (basename(launcher) !== 'codex.js') return undefined
  const scope = dirname(dirname(dirname(launcher)))
  return foldersIn(scope)
    .flatMap((name) => foldersIn(join(scope, name, 'vendor')).map((target) => join(scope, name, 'vendor', target)))
    .flatMap((target) => [join(target, 'bin', 'codex'), join(target, 'codex', 'codex')])
    .find((program) => existsSync(program))
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
