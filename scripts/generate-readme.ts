/** Fills the generated tables of README.md; with --check fails when they are out of date. */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { commands } from '#src/cli/commands.ts'
import { components } from '#src/components.ts'
import { KPI_NAMES, KPI_TABLE, type Thresholds } from '#src/kpi/table.ts'

const README = resolve(import.meta.dirname, '../README.md')
const FOLDERS = { receiver: 'receivers', processor: 'processors', exporter: 'exporters' } as const

const before = await readFile(README, 'utf8')
const after = [
  ['components', componentTable()],
  ['kpis', kpiTable()],
  ['commands', commandTable()],
].reduce((text, [name = '', table = '']) => fill(text, name, table), before)

if (!process.argv.includes('--check')) await writeFile(README, after)
else if (after !== before) {
  console.error('README.md is out of date: run «npm run generate»')
  process.exitCode = 1
}

function fill(text: string, name: string, table: string): string {
  const section = new RegExp(`(<!-- ${name}: generated -->\n)[\\s\\S]*?(<!-- /${name} -->)`)
  if (!section.test(text)) throw new Error(`README.md has no section «${name}»`)
  return text.replace(section, (_whole, start: string, end: string) => `${start}${table.trim()}\n${end}`)
}

function componentTable(): string {
  const rows = components.map(({ kind, type, stability, description }) => [
    kind,
    `[\`${type}\`](${FOLDERS[kind]}/${type}/README.md)`,
    stability,
    description.replace(/\.$/, ''),
  ])
  return table(['kind', 'type', 'stability', 'what it does'], rows)
}

function kpiTable(): string {
  const rows = KPI_NAMES.map((name) => {
    const { formula, direction, thresholds } = KPI_TABLE[name]
    const { target, warning, critical }: Thresholds = thresholds.standard
    return [
      `\`${name}\``,
      formula,
      direction,
      ...[target, warning, critical].map((value) => (value === undefined ? '' : String(value))),
    ]
  })
  return table(['KPI', 'what it is', 'better', 'target', 'warning', 'critical'], rows)
}

function commandTable(): string {
  return table(
    ['command', 'what it does'],
    commands.map(({ name, summary }) => [`\`${name}\``, summary.replaceAll('`', '')]),
  )
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headers, headers.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return lines.join('\n')
}
