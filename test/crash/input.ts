import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileNameOf, interleaved } from '../../bench/telemetry-files.ts'
import type { TelemetryLine } from '../../bench/telemetry-lines.ts'

const AGENTS = 8
const SESSION_ID = /"session\.id":"([^"]+)",?/

/** Telemetry of several agents at once: what stands in which file, in order of time. */
export interface CrashInput {
  readonly lines: readonly { readonly file: string; readonly text: string }[]
  readonly sessionIds: ReadonlySet<string>
}

export interface CrashInputOptions {
  readonly seed: string
  readonly sessions: number
  /** Some lines without session id, some twice, some that are none. */
  readonly faulty: boolean
}

/** Whole sessions only, save the last ones that were begun. */
export function crashInput({ seed, sessions, faulty }: CrashInputOptions): CrashInput {
  const lines: { file: string; text: string }[] = []
  const sessionIds = new Set<string>()
  for (const line of interleaved(seed, AGENTS)) {
    const sessionId = SESSION_ID.exec(line.text)?.[1] ?? ''
    if (!sessionIds.has(sessionId) && sessionIds.size === sessions) break
    sessionIds.add(sessionId)
    for (const text of faulty ? withFaults(line, lines.length) : [line.text])
      lines.push({ file: fileNameOf(line), text })
  }
  return { lines, sessionIds }
}

/** Writes all of it at once. */
export function writeInput({ lines }: CrashInput, directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const [file, ofFile] of Map.groupBy(lines, ({ file }) => file)) {
    appendFileSync(join(directory, file), ofFile.map(({ text }) => `${text}\n`).join(''))
  }
}

function withFaults({ text }: TelemetryLine, number: number): readonly string[] {
  if (number % 211 === 210) return [text, text]
  if (number % 1009 === 1008) return [text, text.slice(0, text.length / 2)]
  const isOnlyOne = text.includes('session-start')
  return number % 97 === 96 && !isOnlyOne ? [text.replace(SESSION_ID, '')] : [text]
}
