/** Where a problem stands in a configuration. Line and column start at 1; without them it is the file as a whole. */
export interface Location {
  /** As the user named it; `--set a.b.c` for an assignment on the command line. */
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** One problem of a configuration: printed on one line. */
export interface ConfigIssue {
  readonly location: Location | undefined
  /** As `processors.kpi_aggregation.kpis[2]`. */
  readonly path: string
  readonly message: string
}

/** A configuration that cannot be used; carries every problem that was found. Exit code 2. */
export class ConfigError extends Error {
  readonly issues: readonly ConfigIssue[]

  constructor(issues: readonly ConfigIssue[]) {
    super(issues.map(formatIssue).join('\n'))
    this.name = 'ConfigError'
    this.issues = issues
  }
}

/** The machine is not as needed: a taken port, a held lock, a directory that cannot be written. Exit code 3. */
export class EnvironmentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EnvironmentError'
  }
}

/** Another process writes to the directory. */
export class LockHeldError extends EnvironmentError {}

/** Something in the data that can never be handled: trying again does not help. Never carries the data itself. */
export class InvalidDataError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'InvalidDataError'
  }
}

/** Whether an error will come again however often the same data is tried: invalid data, or a mistake in the program. */
export function isDeterministic(error: unknown): boolean {
  return (
    error instanceof InvalidDataError ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError
  )
}

/** `file:line:column  path  message`. */
export function formatIssue({ location, path, message }: ConfigIssue): string {
  return `${formatLocation(location)}${path}  ${message}`
}

function formatLocation(location: Location | undefined): string {
  if (location === undefined) return ''
  const { file, line, column } = location
  return line === undefined || column === undefined ? `${file}  ` : `${file}:${line}:${column}  `
}
