import { pino } from 'pino'
import type { Logger } from '../component.ts'
import { visibleText } from '../report/visible-text.ts'

export type LogFormat = 'pretty' | 'json'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Where log lines go: stderr, or a test's list. */
export interface LogSink {
  write(text: string): void
}

/** @returns a logger that writes to `sink`; `child` loggers carry the component's id */
export function createLogger(level: LogLevel, format: LogFormat, sink: LogSink): (component: string) => Logger {
  const destination = format === 'json' ? sink : { write: (line: string) => sink.write(prettyLine(line)) }
  const root = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  return (component) => {
    const child = root.child({ component })
    return {
      debug: (fields, message) => child.debug(fields, message),
      info: (fields, message) => child.info(fields, message),
      warn: (fields, message) => child.warn(fields, message),
      error: (fields, message) => child.error(fields, message),
    }
  }
}

const LEVEL_NAMES: Readonly<Record<string, string>> = { 20: 'debug', 30: 'info ', 40: 'WARN ', 50: 'ERROR' }
const SHOWN_APART: ReadonlySet<string> = new Set(['level', 'time', 'component', 'msg'])

function prettyLine(json: string): string {
  const record: unknown = JSON.parse(json)
  if (typeof record !== 'object' || record === null) return json
  const fields = new Map<string, unknown>(Object.entries(record))
  const time = String(fields.get('time')).slice(11, 19)
  const level = LEVEL_NAMES[String(fields.get('level'))] ?? ''
  const rest = [...fields]
    .filter(([name]) => !SHOWN_APART.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? visibleText(value) : JSON.stringify(value)}`)
  return `${[time, level, fields.get('component'), fields.get('msg'), ...rest].join('  ')}\n`
}
