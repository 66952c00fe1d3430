import { join } from 'node:path'

/** Where things lie below the storage directory. */
export interface Layout {
  readonly directory: string
  readonly historyDirectory: string
  readonly ledger: string
  readonly suggestions: string
  /** Which alarms somebody has seen. */
  readonly acks: string
  /** What agents were told. */
  readonly injections: string
  /** Where baselines begin anew. */
  readonly resets: string
  /** agentperf's own state. */
  readonly stateDirectory: string
  readonly salt: string
  readonly lock: string
  readonly checkpoint: string
  readonly snapshot: string
  /** Requests that wait for delivery, a folder for each exporter. */
  readonly queues: string
  /** Requests that were refused for good, a folder for each exporter. */
  readonly deadLetters: string
  /** What each exporter has exported. */
  readonly exported: string
  /** What commands ask of the process that writes here. */
  readonly requests: string
}

export function layoutOf(directory: string): Layout {
  const historyDirectory = join(directory, 'history')
  const stateDirectory = join(directory, '.agentperf')
  return {
    directory,
    historyDirectory,
    ledger: join(historyDirectory, 'kpis.jsonl'),
    suggestions: join(historyDirectory, 'suggestions.jsonl'),
    acks: join(historyDirectory, 'acks.jsonl'),
    injections: join(historyDirectory, 'injections.jsonl'),
    resets: join(historyDirectory, 'resets.jsonl'),
    stateDirectory,
    salt: join(stateDirectory, 'salt'),
    lock: join(stateDirectory, 'lock'),
    checkpoint: join(stateDirectory, 'checkpoint.json'),
    snapshot: join(stateDirectory, 'snapshot.bin'),
    queues: join(stateDirectory, 'queues'),
    deadLetters: join(stateDirectory, 'dead-letters'),
    exported: join(stateDirectory, 'exported'),
    requests: join(stateDirectory, 'requests'),
  }
}
