/** Where a command writes text. */
export interface Output {
  write(text: string): unknown
  /** Set on a terminal. */
  readonly isTTY?: boolean
  /** Width of the terminal in characters. */
  readonly columns?: number
}

/** What a command sees of the world. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute path of the working directory. */
  readonly cwd: string
  /** The wall clock, in epoch milliseconds. */
  nowMs(): number
  /** Told when all code has run that a start needs, and the rest of the process is work. */
  loaded?(): void
}

/** Exit codes of all commands. */
export const EXIT = { fine: 0, finding: 1, usage: 2, environment: 3, bug: 70 } as const
