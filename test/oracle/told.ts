/** Sessions that requests of the exporter `signoz` told of, in the order in which they came. */
export interface Told {
  /** Revision and id, of records. */
  readonly records: string[]
  /** Ends of the sessions that were counted, in nanoseconds. */
  readonly ends: string[]
}

/** Adds what a request tells of. */
export function tell(told: Told, path: string, body: Buffer): void {
  const text = body.toString()
  if (path === '/v1/logs') {
    for (const { scopeLogs } of JSON.parse(text).resourceLogs) {
      for (const { attributes } of scopeLogs.flatMap(({ logRecords }: { logRecords: object[] }) => logRecords)) {
        const attribute = (key: string) => attributes.find((one: { key: string }) => one.key === key).value
        told.records.push(`${attribute('revision').intValue} ${attribute('session.id').stringValue}`)
      }
    }
    return
  }
  for (const { scopeMetrics } of JSON.parse(text).resourceMetrics) {
    for (const { name, sum } of scopeMetrics.flatMap(({ metrics }: { metrics: object[] }) => metrics)) {
      if (name !== 'agent.performance.sessions') continue
      for (const { timeUnixNano } of sum.dataPoints) told.ends.push(timeUnixNano)
    }
  }
}
