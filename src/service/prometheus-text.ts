import type { MetricLabels, OwnMetric } from './own-metrics.ts'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const UNITS: Readonly<Record<string, string>> = { By: '_bytes', s: '_seconds' }

/** Metrics in Prometheus's text format: names with `_`, their units, and `_total` where they count. */
export function prometheusText(metrics: readonly OwnMetric[]): string {
  return metrics
    .filter(({ points }) => points.length > 0)
    .map((metric) => {
      const name = prometheusName(metric)
      const lines = metric.points.map(({ labels, value }) => `${name}${labelsText(labels)} ${numberText(value)}\n`)
      return `# HELP ${name} ${helpText(metric.description)}\n# TYPE ${name} ${metric.type}\n${lines.join('')}`
    })
    .join('')
}

function prometheusName({ name, unit, type }: OwnMetric): string {
  return `${name.replaceAll('.', '_')}${UNITS[unit] ?? ''}${type === 'counter' ? '_total' : ''}`
}

function labelsText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name.replaceAll('.', '_')}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function helpText(description: string): string {
  return description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
