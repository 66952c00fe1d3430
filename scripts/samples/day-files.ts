/** One line of a telemetry file. */
export interface SampleLine {
  readonly kind: 'traces' | 'evaluations'
  /** Says in which day's file it lies, and where in it; epoch milliseconds. */
  readonly timeMs: number
  readonly text: string
}

/** @returns path → content, one file for each kind and UTC day, lines in order of time */
export function dayFiles(folder: string, lines: readonly SampleLine[]): Map<string, string> {
  const byFile = Map.groupBy(
    lines.toSorted((a, b) => a.timeMs - b.timeMs),
    ({ kind, timeMs }) => `${folder}/${kind}-${new Date(timeMs).toISOString().slice(0, 10)}.jsonl`,
  )
  return new Map([...byFile].map(([path, found]) => [path, found.map(({ text }) => `${text}\n`).join('')]))
}
