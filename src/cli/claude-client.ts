import { WANTED_EVENTS, type WantedEvent } from './claude-settings.ts'
import { findProgram, wordsIn } from './client-program.ts'

/** What a client knows of hooks. */
export interface ClientHooks {
  /** Its program; absent where none was found. */
  readonly program?: string
  readonly events: readonly WantedEvent[]
  /** Whether hooks may be sent over HTTP. */
  readonly http: boolean
}

/** Events that every client with hooks has. */
const OLDEST: readonly WantedEvent[] = [
  'SessionStart',
  'SessionEnd',
  'UserPromptSubmit',
  'PostToolUse',
  'SubagentStop',
  'Stop',
]

/** A setting that came with hooks over HTTP. */
const HTTP_SIGN = 'allowedHttpHookUrls'

/**
 * Which of the wanted events the installed client knows: those that its program names. A client that cannot be found or read
 * is taken for an old one, which knows what all know.
 */
export function clientHooks(env: Readonly<Record<string, string | undefined>>): ClientHooks {
  const program = findProgram('claude', env.PATH ?? '')
  if (program === undefined) return { events: OLDEST, http: false }
  const found = wordsIn(program, [...WANTED_EVENTS, HTTP_SIGN])
  const events = WANTED_EVENTS.filter((event) => found.has(event))
  // A wrapper around the program names none.
  if (!OLDEST.every((event) => found.has(event))) return { program, events: OLDEST, http: false }
  return { program, events, http: found.has(HTTP_SIGN) }
}
