import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EnvironmentError } from '#src/errors.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { type Change, whatChanged } from '#src/report/changes.ts'
import { kpiLabel, kpiText } from '#src/report/kpi-label.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { layoutOf } from '#src/store/layout.ts'
import { readLedger } from '#src/store/read-ledger.ts'
import { EXIT, type Io } from './io.ts'
import type { DemoOptions } from './options.ts'
import { ownName } from './own-name.ts'
import { run as runPipelines } from './run.ts'
import { sessionsTable } from './sessions.ts'
import { verdictsText } from './verdicts.ts'

const FOLDER = 'agentperf-demo'
const SHOWN_PER_AGENT_TYPE = 3
const CHANGES_SHOWN = 2

/** Runs the whole job on sample sessions, in a folder of its own, and shows what came of it. */
export async function run(options: DemoOptions, io: Io): Promise<number> {
  const directory = join(io.cwd, FOLDER)
  await clear(directory)
  const samples = fileURLToPath(new URL('samples', options.packageRoot))
  const code = await runPipelines(
    {
      ...options,
      config: [fileURLToPath(new URL('pipelines.yaml', options.packageRoot))],
      set: [
        `receivers.jsonl_file.include=${JSON.stringify([join(samples, '**', '*.jsonl')])}`,
        // And nothing of this machine's own sessions.
        'service.pipelines.sessions.receivers=[jsonl_file]',
        // The samples are nobody's sessions.
        'exporters.signoz.endpoint=""',
        `service.storage.directory=${JSON.stringify(directory)}`,
        // One line of the samples is cut on purpose, and would be warned of.
        'service.telemetry.logs.level=error',
        ...options.set,
      ],
      once: true,
      tellUnused: false,
    },
    io,
  )
  if (code === EXIT.fine) show(directory, io)
  return code
}

/** Removes an earlier demo, and nothing else. */
async function clear(directory: string): Promise<void> {
  if (!existsSync(directory)) return
  if (!existsSync(layoutOf(directory).stateDirectory)) {
    throw new EnvironmentError(
      `${directory} is there and not from an earlier demo. Move it, or run the demo elsewhere.`,
    )
  }
  await rm(directory, { recursive: true })
}

function show(directory: string, io: Io): void {
  const newest = readLedger({ directory })
  const shown = [...Map.groupBy(newest, ({ agent_type }) => agent_type).values()]
    .flatMap((lines) => lines.slice(0, SHOWN_PER_AGENT_TYPE))
    .toSorted((a, b) => a.agent_type.localeCompare(b.agent_type) || a.started_at.localeCompare(b.started_at))
  io.stdout.write(`\n${newest.length} sessions assessed; the last ${SHOWN_PER_AGENT_TYPE} of each agent type:\n\n`)
  io.stdout.write(sessionsTable(shown, io))
  io.stdout.write(
    `\nWhat changed from the first half of the sessions to the last quarter:\n${changesText(newest.toReversed())}`,
  )
  const worst = worstOf(newest)
  const verdicts = worst === undefined ? '' : verdictsText([worst], 1, io)
  if (verdicts !== '') io.stdout.write(`\nThe session that is furthest from what is usual:\n${verdicts}`)
  io.stdout.write(`\n${placesOf(worst, io)}\n`)
}

function changesText(lines: readonly LedgerLine[]): string {
  const changes = whatChanged(lines)
  const shown = [
    ...changes.filter(isWorse).slice(0, CHANGES_SHOWN),
    ...changes.filter(isBetter).slice(0, CHANGES_SHOWN),
  ]
  return shown
    .map((change) => {
      const { agentType, kpi, before, now } = change
      const verdict = isWorse(change) ? 'worse ' : 'better'
      return `  ${verdict}  ${agentType}: ${kpiLabel({}, kpi).toLowerCase()} ${kpiText(kpi, before)} → ${kpiText(kpi, now)}\n`
    })
    .join('')
}

const isWorse = ({ deviation }: Change): boolean => deviation > 0
const isBetter = ({ deviation }: Change): boolean => deviation < 0

/** The session that is furthest from its baseline on the bad side. */
function worstOf(lines: readonly LedgerLine[]): LedgerLine | undefined {
  const worst = (line: LedgerLine): number => Math.max(0, ...Object.values(line.deviations))
  return lines.toSorted((a, b) => worst(b) - worst(a))[0]
}

function placesOf(line: LedgerLine | undefined, io: Io): string {
  const report = line === undefined ? '' : `${safeFileName(line.session_id)}.md`
  const rows = [
    ['reports', join(FOLDER, 'reports', report)],
    ['baselines', join(FOLDER, 'baselines/')],
    ['history', join(FOLDER, 'history', 'kpis.jsonl')],
    ['next', `AGENTPERF_HOME=${FOLDER} ${ownName(io)} report ${line?.session_id.slice(0, 8) ?? '<session>'}`],
  ]
  return rows.map(([name = '', place = '']) => `${name.padEnd(10)} ${place}`).join('\n')
}
