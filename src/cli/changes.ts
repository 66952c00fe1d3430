import type { Change } from './change.ts'

/** Changes that a running agentperf makes for commands. */
export const changes: readonly Change<unknown>[] = []
