import { accessSync, closeSync, constants, openSync, readSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { WANTED_EVENTS, type WantedEvent } from './claude-settings.ts'

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
const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * Which of the wanted events the installed client knows: those that its program names. A client that cannot be found or read
 * is taken for an old one, which knows what all know.
 */
export function clientHooks(env: Readonly<Record<string, string | undefined>>): ClientHooks {
  const program = findProgram(env.PATH ?? '')
  if (program === undefined) return { events: OLDEST, http: false }
  const found = wordsIn(program, [...WANTED_EVENTS, HTTP_SIGN])
  const events = WANTED_EVENTS.filter((event) => found.has(event))
  // A wrapper around the program names none.
  if (!OLDEST.every((event) => found.has(event))) return { program, events: OLDEST, http: false }
  return { program, events, http: found.has(HTTP_SIGN) }
}

function findProgram(path: string): string | undefined {
  for (const folder of path.split(delimiter).filter((one) => one !== '')) {
    const candidate = join(folder, 'claude')
    try {
      accessSync(candidate, constants.X_OK)
      return realpathSync(candidate)
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

/** Names stand alone: `Stop` in `StopFailure` is none. */
function wordsIn(path: string, words: readonly string[]): ReadonlySet<string> {
  const longest = Math.max(...words.map(({ length }) => length)) + 2
  const found = new Set<string>()
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const buffer = Buffer.alloc(CHUNK_BYTES)
    let rest = ''
    for (let size = read(descriptor, buffer); size > 0 && found.size < words.length; size = read(descriptor, buffer)) {
      const text = rest + buffer.latin1Slice(0, size)
      for (const word of words) if (!found.has(word) && new RegExp(`\\b${word}\\b`).test(text)) found.add(word)
      rest = text.slice(-longest)
    }
  } catch {
    return new Set()
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
  return found
}

function read(descriptor: number, buffer: Buffer): number {
  return readSync(descriptor, buffer, 0, buffer.length, null)
}
