import { ackChange } from './ack.ts'
import type { Change } from './change.ts'
import { changeSuggestion } from './suggestions.ts'

/** Changes that a running agentperf makes for commands. */
export const changes: readonly Change<unknown>[] = [ackChange, changeSuggestion]
