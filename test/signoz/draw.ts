/** Draws what panels of the dashboard show of the sample sessions, as docs/signoz.svg: `node test/signoz/draw.ts`. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { kpiDashboard } from '../../scripts/signoz/kpi-dashboard.ts'
import { KPI_TABLE } from '../../src/kpi/table.ts'
import { ClickHouse } from './clickhouse.ts'
import { barPicture, linePicture, numberPicture, type Place, picture, tablePicture } from './draw-panels.ts'
import type { Choices } from './filter-sql.ts'
import { Ingester } from './ingester.ts'
import type { Range } from './metric-sql.ts'
import { panelResult, type Shown } from './panel-results.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const START_MS = Date.UTC(2026, 0, 15)
const END_MS = Date.UTC(2026, 1, 12)
const DAY_S = 86_400
const ALL: Choices = { agent_type: 'all', model: 'all' }
const COLUMN = 86
const ROW = 40

const { panels } = kpiDashboard().spec
const store = new ClickHouse()
try {
  await exportSamples()
  const worse: Choices = { ...ALL, agent_type: [agentWithMostAlerts()] }
  const parts = [
    numberPicture(title('sessions'), resultOf('sessions', ALL), '', at(0, 0, 3, 2)),
    numberPicture(title('alerts-warning'), resultOf('alerts-warning', ALL), '', at(3, 0, 3, 2)),
    numberPicture(title('suggestions-proposed'), resultOf('suggestions-proposed', ALL), '', at(6, 0, 3, 2)),
    numberPicture(title('completeness'), percent(resultOf('completeness', ALL)), ' %', at(9, 0, 3, 2)),
    barPicture(title('sessions-by-agent'), resultOf('sessions-by-agent', ALL), days(), at(0, 2, 6, 5)),
    linePicture(
      `${title('kpi-error-rate')} of ${worse.agent_type}`,
      resultOf('kpi-error-rate', worse),
      days(),
      at(6, 2, 6, 5),
    ),
    tablePicture(title('scoreboard-1'), scoreboard(), at(0, 7, 12, 5)),
  ]
  await writeFile(join(ROOT, 'docs/signoz.svg'), picture(parts, 12 * COLUMN, 12 * ROW))
} finally {
  store.close()
}

/** The whole program sends the sample sessions. */
async function exportSamples(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-draw-'))
  const ingester = new Ingester(store)
  const sets = [
    `receivers.jsonl_file.include=${JSON.stringify([join(ROOT, 'samples/history/*.jsonl')])}`,
    'service.pipelines.sessions.receivers=[jsonl_file]',
    `service.storage.directory=${directory}`,
    `exporters.signoz.endpoint=${await ingester.start()}`,
  ]
  const argv = ['src/main.ts', 'run', '--once', '--config', 'pipelines.yaml', ...sets.flatMap((set) => ['--set', set])]
  try {
    await promisify(execFile)(process.execPath, argv, { cwd: ROOT })
  } finally {
    await ingester.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

function agentWithMostAlerts(): string {
  const alerts = resultOf('alerts-by-kpi', ALL).filter(({ group }) => group[1] === 'error_rate')
  return alerts.toSorted((a, b) => b.value - a.value)[0]?.group[0] ?? ''
}

function resultOf(id: string, choices: Choices): readonly Shown[] {
  const panel = panels[id]
  if (panel === undefined) throw new Error(`no panel ${id}`)
  const range: Range = { startMs: START_MS, endMs: END_MS, stepSeconds: DAY_S }
  return panelResult(panel, store, choices, range).shown
}

function scoreboard(): readonly (readonly string[])[] {
  const names = [
    'token_efficiency',
    'task_completion_rate',
    'active_time_ratio',
    'tool_overhead_ratio',
    'cache_efficiency',
    'error_rate',
  ] as const
  const indexes = Object.keys(KPI_TABLE)
  const shown = resultOf('scoreboard-1', ALL)
  const agents = [...new Set(shown.map(({ group }) => group[0] ?? ''))].toSorted()
  const cell = (agent: string, name: (typeof names)[number]): string => {
    const found = shown.find(({ group, series }) => group[0] === agent && series === `F${indexes.indexOf(name) + 1}`)
    return found === undefined
      ? '–'
      : found.value.toFixed(KPI_TABLE[name].display === 'percent' ? 3 : KPI_TABLE[name].decimals + 1)
  }
  return [
    ['agent.type', ...names.map((name) => KPI_TABLE[name].label)],
    ...agents.map((agent) => [agent, ...names.map((name) => cell(agent, name))]),
  ]
}

function percent(shown: readonly Shown[]): readonly Shown[] {
  return shown.map((one) => ({ ...one, value: 100 * one.value }))
}

function days(): readonly number[] {
  return Array.from({ length: (END_MS - START_MS) / (1000 * DAY_S) }, (_, day) => START_MS + day * 1000 * DAY_S)
}

function title(id: string): string {
  return panels[id]?.spec.display.name ?? id
}

function at(column: number, row: number, columns: number, rows: number): Place {
  return { x: column * COLUMN, y: row * ROW, width: columns * COLUMN, height: rows * ROW }
}
