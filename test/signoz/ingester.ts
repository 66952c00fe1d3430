import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ClickHouse } from './clickhouse.ts'

/** Hour of the day to which SigNoz rounds when it last saw a series. */
const SERIES_MS = 3_600_000

interface KeyValue {
  readonly key: string
  readonly value: {
    readonly stringValue?: string
    readonly intValue?: string | number
    readonly doubleValue?: number
    readonly boolValue?: boolean
  }
}

interface NumberPoint {
  readonly timeUnixNano: string
  readonly asDouble?: number
  readonly asInt?: string | number
  readonly attributes?: readonly KeyValue[]
}

interface HistogramPoint {
  readonly timeUnixNano: string
  readonly attributes?: readonly KeyValue[]
  readonly count: string | number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly bucketCounts: readonly (string | number)[]
  readonly explicitBounds: readonly number[]
}

interface Metric {
  readonly name: string
  readonly unit: string
  readonly gauge?: { readonly dataPoints: readonly NumberPoint[] }
  readonly sum?: {
    readonly dataPoints: readonly NumberPoint[]
    readonly aggregationTemporality: number
    readonly isMonotonic: boolean
  }
  readonly histogram?: { readonly dataPoints: readonly HistogramPoint[]; readonly aggregationTemporality: number }
}

interface Series {
  readonly metric: string
  readonly unit: string
  readonly type: 'Gauge' | 'Sum' | 'Histogram'
  readonly temporality: 'Unspecified' | 'Delta' | 'Cumulative'
  readonly resource: Readonly<Record<string, string>>
  readonly scope: string
}

const TEMPORALITIES = ['Unspecified', 'Delta', 'Cumulative'] as const

/** Takes in OTLP over HTTP in JSON and stores it as SigNoz's collector does. */
export class Ingester {
  readonly #store: ClickHouse
  readonly #server: Server
  /** Points and records that came, as their sender counts them. */
  items = 0

  constructor(store: ClickHouse) {
    this.#store = store
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const body = JSON.parse(Buffer.concat(chunks).toString())
      if (request.url === '/v1/metrics') this.#takeMetrics(body)
      else this.#takeLogs(body)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}')
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #takeMetrics({ resourceMetrics }: { readonly resourceMetrics: readonly ResourceMetrics[] }): void {
    const series = new Map<string, object>()
    const samples: object[] = []
    const add = (
      of: Series,
      attributes: Readonly<Record<string, string>>,
      timeUnixNano: string,
      value: number,
    ): void => {
      // NaN is dropped there.
      if (Number.isNaN(value)) return
      const labels = {
        ...of.resource,
        ...attributes,
        __name__: of.metric,
        __temporality__: of.temporality,
        'scope.name': of.scope,
      }
      const text = JSON.stringify(Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))))
      const fingerprint = BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 16)}`).toString()
      const unixMs = Number(BigInt(timeUnixNano) / 1_000_000n)
      const env = of.resource['deployment.environment'] ?? ''
      const common = { env, temporality: of.temporality, metric_name: of.metric, fingerprint }
      const seenMs = unixMs - (unixMs % SERIES_MS)
      const row = {
        ...common,
        unit: of.unit,
        type: of.type,
        is_monotonic: of.type === 'Sum',
        unix_milli: seenMs,
        labels: text,
      }
      series.set(`${fingerprint} ${seenMs}`, row)
      samples.push({ ...common, unix_milli: unixMs, value })
    }
    for (const { resource, scopeMetrics } of resourceMetrics) {
      for (const { scope, metrics } of scopeMetrics) {
        for (const metric of metrics) this.#takeMetric(metric, textsOf(resource.attributes), scope.name, add)
      }
    }
    this.#store.insert('signoz_metrics.time_series_v4', [...series.values()])
    this.#store.insert('signoz_metrics.samples_v4', samples)
  }

  #takeMetric(
    { name, unit, gauge, sum, histogram }: Metric,
    resource: Readonly<Record<string, string>>,
    scope: string,
    add: (of: Series, attributes: Readonly<Record<string, string>>, timeUnixNano: string, value: number) => void,
  ): void {
    const of = (metric: string, type: Series['type'], temporality: number): Series => ({
      ...{ metric, unit, type, temporality: TEMPORALITIES[temporality] ?? 'Unspecified', resource, scope },
    })
    for (const { attributes, timeUnixNano, asDouble, asInt } of gauge?.dataPoints ?? []) {
      this.items += 1
      add(of(name, 'Gauge', 0), textsOf(attributes), timeUnixNano, asDouble ?? Number(asInt))
    }
    for (const { attributes, timeUnixNano, asDouble, asInt } of sum?.dataPoints ?? []) {
      this.items += 1
      add(
        of(name, 'Sum', sum?.aggregationTemporality ?? 0),
        textsOf(attributes),
        timeUnixNano,
        asDouble ?? Number(asInt),
      )
    }
    for (const point of histogram?.dataPoints ?? []) {
      this.items += 1
      const temporality = histogram?.aggregationTemporality ?? 0
      const attributes = textsOf(point.attributes)
      add(of(`${name}.count`, 'Sum', temporality), attributes, point.timeUnixNano, Number(point.count))
      add(of(`${name}.sum`, 'Sum', temporality), attributes, point.timeUnixNano, point.sum)
      add(of(`${name}.min`, 'Gauge', 0), attributes, point.timeUnixNano, point.min)
      add(of(`${name}.max`, 'Gauge', 0), attributes, point.timeUnixNano, point.max)
      let below = 0
      for (const [i, count] of point.bucketCounts.entries()) {
        below += Number(count)
        const le = String(point.explicitBounds[i] ?? '+Inf')
        add(of(`${name}.bucket`, 'Histogram', temporality), { ...attributes, le }, point.timeUnixNano, below)
      }
    }
  }

  #takeLogs({ resourceLogs }: { readonly resourceLogs: readonly ResourceLogs[] }): void {
    const rows = resourceLogs.flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map(({ timeUnixNano, body, severityText, severityNumber, attributes }) => ({
          timestamp: timeUnixNano,
          body: body.stringValue,
          severity_text: severityText,
          severity_number: severityNumber,
          ...columnsOf(attributes),
          resources_string: textsOf(resource.attributes),
        })),
      ),
    )
    this.items += rows.length
    this.#store.insert('signoz_logs.logs_v2', rows)
  }
}

interface Resource {
  readonly attributes: readonly KeyValue[]
}

interface ResourceMetrics {
  readonly resource: Resource
  readonly scopeMetrics: readonly { readonly scope: { readonly name: string }; readonly metrics: readonly Metric[] }[]
}

interface ResourceLogs {
  readonly resource: Resource
  readonly scopeLogs: readonly {
    readonly logRecords: readonly {
      readonly timeUnixNano: string
      readonly body: { readonly stringValue: string }
      readonly severityText: string
      readonly severityNumber: number
      readonly attributes: readonly KeyValue[]
    }[]
  }[]
}

function textsOf(attributes: readonly KeyValue[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]))
}

function columnsOf(attributes: readonly KeyValue[]) {
  const attributes_string: Record<string, string> = {}
  const attributes_number: Record<string, number> = {}
  const attributes_bool: Record<string, boolean> = {}
  for (const { key, value } of attributes) {
    if (value.stringValue !== undefined) attributes_string[key] = value.stringValue
    else if (value.boolValue !== undefined) attributes_bool[key] = value.boolValue
    else attributes_number[key] = value.doubleValue ?? Number(value.intValue)
  }
  return { attributes_string, attributes_number, attributes_bool }
}
