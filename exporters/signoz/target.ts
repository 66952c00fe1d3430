import type { Target } from '#src/delivery/http-sender.ts'
import type { Config } from './config.ts'

/** Where requests go; `undefined` when the exporter is off. */
export function targetOf({ endpoint, region, ingestion_key, timeout }: Config): Target | undefined {
  const url = endpoint || (region === undefined ? '' : `https://ingest.${region}.signoz.cloud`)
  if (url === '') return undefined
  return {
    endpoint: url,
    headers: ingestion_key ? { 'signoz-ingestion-key': ingestion_key } : {},
    timeoutMs: timeout,
  }
}
