import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { agentTelemetry, type TelemetryLine } from './telemetry-lines.ts'

const FIRST_DAY_MS = Date.UTC(2026, 0, 15)
const CHUNK_CHARACTERS = 1_000_000

export interface TelemetryPlan {
  readonly directory: string
  readonly seed: string
  /** How many agents are at work at once, each with one session after the other. */
  readonly agents: number
  /** Nothing is written after so much. */
  readonly bytes: number
}

export interface WrittenTelemetry {
  readonly bytes: number
  readonly lines: number
  /** In order of name. */
  readonly files: readonly string[]
}

/** Writes `traces-` and `evaluations-{date}.jsonl` of several agents, line by line in order of time. */
export function writeTelemetry({ directory, seed, agents, bytes }: TelemetryPlan): WrittenTelemetry {
  mkdirSync(directory, { recursive: true })
  const files = new Map<string, DayFile>()
  let written = 0
  let lines = 0
  for (const line of interleaved(seed, agents)) {
    if (written >= bytes) break
    const name = fileNameOf(line)
    const file = files.get(name) ?? new DayFile(join(directory, name))
    files.set(name, file)
    file.add(line.text)
    written += line.text.length + 1
    lines++
  }
  for (const file of files.values()) file.close()
  return { bytes: written, lines, files: [...files.keys()].toSorted() }
}

/** The lines of all agents, the earliest first, without end. */
export function* interleaved(seed: string, agents: number): Generator<TelemetryLine> {
  const streams = Array.from({ length: agents }, (_, n) => {
    const lines = agentTelemetry(`${seed} ${n}`, FIRST_DAY_MS + n * 60_000)
    return { lines, next: lines.next().value }
  })
  for (;;) {
    const earliest = streams.reduce((first, stream) => (stream.next.timeMs < first.next.timeMs ? stream : first))
    yield earliest.next
    earliest.next = earliest.lines.next().value
  }
}

/** As hooks name them: one file for each kind and UTC day. */
export function fileNameOf({ kind, timeMs }: TelemetryLine): string {
  return `${kind}-${new Date(timeMs).toISOString().slice(0, 10)}.jsonl`
}

/** Opened for each chunk: a year has more files than a process may have open. */
class DayFile {
  readonly #path: string
  #text = ''

  constructor(path: string) {
    this.#path = path
  }

  add(line: string): void {
    this.#text += `${line}\n`
    if (this.#text.length >= CHUNK_CHARACTERS) this.close()
  }

  close(): void {
    if (this.#text === '') return
    const descriptor = openSync(this.#path, 'a')
    writeSync(descriptor, this.#text)
    closeSync(descriptor)
    this.#text = ''
  }
}
