/** What is usual for one KPI of one agent type. Never changed: a session gives a new one. */
export interface Reference {
  /** Sessions that it was learned from. */
  readonly sessions: number
  /** In the KPI's unit. */
  readonly usual: number
  /** @param inputs number of inputs that the value rests on */
  compare(value: number, inputs: number): Comparison
  learn(value: number, inputs: number): Reference
}

/** How a session stands to what is usual, as long as nothing has changed. */
export interface Comparison {
  /** Probability of a session at least this bad; on the high side where few sessions are known. */
  readonly p: number
  /** Standard normal; positive is worse. */
  readonly score: number
}

/** Remembers the last result: a session is compared when it is judged, and again when it is learned from. */
export function rememberLast(compare: Reference['compare']): Reference['compare'] {
  let last: { readonly value: number; readonly inputs: number; readonly comparison: Comparison } | undefined
  return (value, inputs) => {
    if (last === undefined || last.value !== value || last.inputs !== inputs) {
      last = { value, inputs, comparison: compare(value, inputs) }
    }
    return last.comparison
  }
}
