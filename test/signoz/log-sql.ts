import type { LogQuery } from '../../scripts/signoz/query-schema.ts'
import { type Choices, type FieldSql, filterSql, quoted } from './filter-sql.ts'
import { groupColumn, type Range } from './metric-sql.ts'

const EXPRESSION = /^(?<name>avg|max|min|sum|p50|p95)\((?<field>[\w.]+)\)$/

/** A query over records as SigNoz asks ClickHouse, with one column for each aggregation. @param range without steps: of all */
export function logSql(query: LogQuery, choices: Choices, range: Range, steps: boolean): string {
  const groups = (query.groupBy ?? []).map(({ name }, i) => `${fieldSql(name).value} AS ${groupColumn(i)}`)
  const names = groups.map((_, i) => groupColumn(i))
  const values = (query.aggregations ?? []).map(
    ({ expression, alias }) => `${aggregationSql(expression)} AS \`${alias ?? expression}\``,
  )
  const stepMs = range.stepSeconds * 1000
  const step = steps ? [`intDiv(intDiv(timestamp, 1000000), ${stepMs}) * ${stepMs} AS step_ms`] : []
  const by = [...(steps ? ['step_ms'] : []), ...names]
  const order = (query.order ?? []).map(({ key, direction }) => `\`${key.name}\` ${direction}`)
  return `
    SELECT ${[...step, ...groups, ...values].join(', ')} FROM signoz_logs.logs_v2
    WHERE ${whereSql(query, choices, range)}
    ${by.length === 0 ? '' : `GROUP BY ${by.join(', ')}`}
    ${order.length > 0 ? `ORDER BY ${order.join(', ')}` : by.length > 0 ? `ORDER BY ${by.join(', ')}` : ''}
    ${query.limit === undefined ? '' : `LIMIT ${query.limit}`}`
}

/** Records themselves, with some of their fields. */
export function listSql(query: LogQuery, fields: readonly string[], choices: Choices, range: Range): string {
  const columns = fields.map((name) => `${fieldSql(name).value} AS \`${name}\``)
  const order = (query.order ?? []).map(({ key, direction }) => `${fieldSql(key.name).value} ${direction}`)
  return `SELECT ${columns.join(', ')} FROM signoz_logs.logs_v2 WHERE ${whereSql(query, choices, range)}
    ORDER BY ${order.join(', ')} LIMIT ${query.limit}`
}

function whereSql(query: LogQuery, choices: Choices, { startMs, endMs }: Range): string {
  const inRange = `timestamp >= ${startMs}000000 AND timestamp < ${endMs}000000`
  return `${inRange} AND ${filterSql(query.filter?.expression ?? '', choices, fieldSql)}`
}

function aggregationSql(expression: string): string {
  const { name = '', field = '' } = EXPRESSION.exec(expression)?.groups ?? {}
  if (name === '') throw new Error(`an expression that is not understood: ${expression}`)
  const value = `if(mapContains(attributes_number, ${quoted(field)}), attributes_number[${quoted(field)}], NULL)`
  return name.startsWith('p') ? `quantile(0.${name.slice(1)})(${value})` : `${name}(${value})`
}

function fieldSql(name: string): FieldSql {
  if (name === 'body' || name === 'timestamp') return { value: name, exists: '1' }
  return { value: `attributes_string[${quoted(name)}]`, exists: `mapContains(attributes_string, ${quoted(name)})` }
}
