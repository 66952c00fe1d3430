import { EnvironmentError } from '#src/errors.ts'

export interface NewerFormat {
  /** The file, and where in it. */
  readonly place: string
  /** As in `a line`. */
  readonly what: string
  readonly unit: 'schema' | 'version'
  /** The newest that can be read. */
  readonly newest: number
  readonly found: number
}

/** What to tell of a file that a newer agentperf wrote. */
export function newerFormat({ place, what, unit, newest, found }: NewerFormat): EnvironmentError {
  return new EnvironmentError(
    `${place}: expected ${what} of ${unit} ${newest} or older, found ${unit} ${found}: a newer agentperf wrote it. ` +
      'Upgrade agentperf, or use another directory (AGENTPERF_HOME).',
  )
}
