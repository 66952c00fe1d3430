import { createRequire } from 'node:module'

interface Session {
  query(sql: string, format: string): string
  cleanup(): void
}

/** ClickHouse in the process, with the tables of SigNoz as far as its queries look at them. */
export class ClickHouse {
  readonly #session: Session

  /** The package is not among those of the main install. */
  constructor() {
    const chdb: { readonly Session: new () => Session } = createRequire(import.meta.url)('chdb')
    this.#session = new chdb.Session()
    for (const statement of TABLES) this.#session.query(statement, 'CSV')
  }

  /** Integers of 64 bits are text. */
  rows(sql: string): readonly Readonly<Record<string, unknown>>[] {
    // Nanoseconds are more than a number holds.
    const settings = 'SETTINGS output_format_json_quote_64bit_integers = 1'
    const { data } = JSON.parse(this.#session.query(`${sql} ${settings}`, 'JSON'))
    return data
  }

  insert(table: string, rows: readonly object[]): void {
    if (rows.length === 0) return
    const lines = rows.map((row) => JSON.stringify(row)).join('\n')
    this.#session.query(`INSERT INTO ${table} FORMAT JSONEachRow ${lines}`, 'CSV')
  }

  close(): void {
    this.#session.cleanup()
  }
}

const TABLES = [
  'CREATE DATABASE IF NOT EXISTS signoz_metrics ENGINE = Atomic',
  'CREATE DATABASE IF NOT EXISTS signoz_logs ENGINE = Atomic',
  `CREATE TABLE signoz_metrics.time_series_v4 (
    env LowCardinality(String), temporality LowCardinality(String), metric_name LowCardinality(String),
    unit LowCardinality(String), type LowCardinality(String), is_monotonic Bool,
    fingerprint UInt64, unix_milli Int64, labels String
  ) ENGINE = ReplacingMergeTree ORDER BY (env, temporality, metric_name, fingerprint, unix_milli)`,
  // Nothing is deduplicated here: a request that comes twice counts twice.
  `CREATE TABLE signoz_metrics.samples_v4 (
    env LowCardinality(String), temporality LowCardinality(String), metric_name LowCardinality(String),
    fingerprint UInt64, unix_milli Int64, value Float64
  ) ENGINE = MergeTree ORDER BY (env, temporality, metric_name, fingerprint, unix_milli)`,
  `CREATE TABLE signoz_logs.logs_v2 (
    timestamp UInt64, body String, severity_text LowCardinality(String), severity_number UInt8,
    attributes_string Map(LowCardinality(String), String),
    attributes_number Map(LowCardinality(String), Float64),
    attributes_bool Map(LowCardinality(String), Bool),
    resources_string Map(LowCardinality(String), String)
  ) ENGINE = MergeTree ORDER BY timestamp`,
]
