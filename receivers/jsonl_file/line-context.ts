import type { Origins } from './origins.ts'

/** Why a line of a known format is dropped. */
export type LineFault = 'missing_trace_id' | 'missing_name' | 'invalid_time' | 'implausible_time'

/** What the reading of a line needs to know beside the line. */
export interface LineContext {
  readonly origins: Origins
  /** Later times than this are implausible. Epoch milliseconds. */
  readonly latestMs: number
}
