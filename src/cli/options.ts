/** What every command gets. */
export interface GlobalOptions {
  /** Configuration files, at least one; later ones are merged over earlier ones. */
  readonly config: readonly string[]
  /** Assignments such as `processors.kpi_aggregation.definitions=seed`. */
  readonly set: readonly string[]
}

/** Of commands that print a table: print JSON instead. */
export interface JsonOption {
  readonly json: boolean
}

export interface RunOptions extends GlobalOptions {
  /** Read what is there, end all sessions and exit. */
  readonly once: boolean
  /** Whether to say which components the configuration has for nothing; it does unless told otherwise. */
  readonly tellUnused?: boolean
}

export interface ComponentsOptions extends GlobalOptions, JsonOption {
  /** List the names that CEL expressions know instead. */
  readonly cel: boolean
}

export interface PrintConfigOptions extends GlobalOptions, JsonOption {}

export interface AnalyzeOptions extends GlobalOptions, JsonOption {
  /** At least one. */
  readonly files: readonly string[]
  /** The agent type of all sessions, whatever they tell. */
  readonly agentType?: string
  /** What counts as now: an ISO 8601 time. */
  readonly now?: string
  /** Write the sessions to the ledger and renew baselines. */
  readonly save: boolean
}

export interface DemoOptions extends GlobalOptions {
  /** Where the package's own files lie: pipelines.yaml, samples/. */
  readonly packageRoot: URL
}

export interface SessionsOptions extends GlobalOptions, JsonOption {
  readonly agentType?: string
  /** How many of the last sessions. */
  readonly limit?: number
}

export interface ReportOptions extends GlobalOptions {
  /** A session id or the beginning of one. */
  readonly session: string
}

export interface BaselinesOptions extends GlobalOptions, JsonOption {
  readonly action: 'show' | 'reset' | 'rebuild'
  /** Always there for `reset`; narrows `show`. */
  readonly agentType?: string
}

export interface DoctorOptions extends GlobalOptions, JsonOption {}

/** How much is simulated; what is left out is as large as it takes for figures of two digits. */
export interface SelftestOptions extends GlobalOptions, JsonOption {
  readonly seed?: number
  readonly agents?: number
  readonly sessions?: number
  readonly trials?: number
}

export interface DeadLetterOptions extends GlobalOptions, JsonOption {
  readonly action: 'list' | 'show' | 'replay' | 'drop'
  /** One of them, after its exporter and a slash where ids are the same; always there for `show`. */
  readonly id?: string
  /** `drop` all. */
  readonly all: boolean
}

export interface SignozCheckOptions extends GlobalOptions, JsonOption {
  readonly action: 'check'
  /** Where SigNoz's own page is. */
  readonly url?: string
}

export interface SignozProvisionOptions extends GlobalOptions, JsonOption {
  readonly action: 'provision'
  /** Where SigNoz's own page is. */
  readonly url?: string
  /** A notification channel of SigNoz, for alert rules. */
  readonly channel?: string
  /** How many seconds to wait for SigNoz to be ready. */
  readonly wait?: number
  /** Where the package's own files lie: docker/signoz/. */
  readonly packageRoot: URL
}

export type SignozOptions = SignozCheckOptions | SignozProvisionOptions

export interface StatusOptions extends GlobalOptions, JsonOption {}

export interface WeeklyOptions extends GlobalOptions, JsonOption {
  /** As `2026-W07`; the last week that is over unless given. */
  readonly week?: string
}

export interface AckOptions extends GlobalOptions {
  readonly agentType: string
  /** Nothing was wrong. */
  readonly falseAlarm: boolean
}

export interface CheckOptions extends GlobalOptions, JsonOption {
  /** Only this one; it must have sessions. */
  readonly agentType?: string
}

export interface SuggestionsOptions extends GlobalOptions, JsonOption {
  readonly action: 'list' | 'show' | 'disable' | 'enable' | 'revert'
  /** Narrows `list`. */
  readonly agentType?: string
  /** An id or its beginning; always there for the other actions. */
  readonly id?: string
}

export interface InstallOptions extends GlobalOptions {
  /** Which agent. */
  readonly action: 'claude-code' | 'codex'
  readonly scope: 'user' | 'project'
  /** Only show what would change. */
  readonly dryRun: boolean
  /** Let Claude Code offer its task tools to all models. */
  readonly todoTools?: boolean
}
