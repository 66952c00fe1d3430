/** What a variable of the dashboard chooses; `all`: its condition falls away. */
export type Choices = Readonly<Record<string, 'all' | readonly string[]>>

/** Where the value of a field is found: an expression for it, and one that says whether it is there. */
export interface FieldSql {
  readonly value: string
  readonly exists: string
}

const CONDITION = /^(?<field>[\w.]+)\s+(?<operator>IN|=|!=)\s+(?<operand>\$\w+|'[^']*')$/

/** A filter expression of SigNoz as a condition of ClickHouse: as far as agentperf's panels use them. */
export function filterSql(expression: string, choices: Choices, fieldSql: (field: string) => FieldSql): string {
  const conditions = expression
    .split(/\s+AND\s+/)
    .filter((text) => text !== '')
    .flatMap((text) => {
      const groups = CONDITION.exec(text)?.groups
      if (groups === undefined) throw new Error(`a filter that is not understood: ${text}`)
      const { field = '', operator = '', operand = '' } = groups
      const { value, exists } = fieldSql(field)
      if (!operand.startsWith('$')) {
        // What has no such field is unequal.
        return [operator === '=' ? `(${value} = ${operand} AND ${exists})` : `${value} != ${operand}`]
      }
      const chosen = choices[operand.slice(1)]
      if (chosen === undefined) throw new Error(`a variable that is not there: ${operand}`)
      return chosen === 'all' ? [] : [`(${value} IN (${chosen.map(quoted).join(', ')}) AND ${exists})`]
    })
  return conditions.length === 0 ? '1' : conditions.join(' AND ')
}

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
