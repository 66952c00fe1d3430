import { existsSync } from 'node:fs'
import { access, constants, mkdir } from 'node:fs/promises'
import type { LoadedConfig } from '#src/config/config.ts'
import { EnvironmentError, formatIssue } from '#src/errors.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { Accounting, type ComponentAccount } from '#src/service/accounting.ts'
import { checkLedger } from '#src/store/check-ledger.ts'
import { readCheckpoint } from '#src/store/checkpoint.ts'
import { errorCode } from '#src/store/file-error.ts'
import { layoutOf } from '#src/store/layout.ts'
import { filePatterns, listFiles } from '#src/store/lines/globs.ts'
import { readLedger } from '#src/store/read-ledger.ts'
import { type Check, checksText } from './check-list.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { DoctorOptions } from './options.ts'
import { filesOf } from './receiver-inputs.ts'
import { checkSessions } from './session-checks.ts'

/** The sessions that findings about telemetry are drawn from. */
const LAST_SESSIONS = 100
const NAMES_SHOWN = 10

/** What is lost and needs no repair, by its outcome. */
const NOTHING_TO_REPAIR: Readonly<Record<string, string>> = {
  'dropped:late':
    'late: its session is in the ledger already and was last seen longer ago than reopen_window; nothing to repair',
  'dropped:partial_line':
    'partial_line: the end of a file is cut, as when its writer is stopped (the samples have one on purpose); nothing to repair',
}

/** Looks for what keeps agentperf from working well. */
export async function run(options: DoctorOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const { directory } = config.service.storage
  const { sessions, checks: ledgerChecks } = await readSessions(directory)
  const checks: Check[] = [
    checkConfig(config),
    await checkDirectory(directory),
    ...(await checkInput(config, io.cwd, sessions.length > 0)),
    ...ledgerChecks,
    ...(await asFinding('checkpoint', () => checkAccounts(directory))),
    ...checkSessions(sessions),
  ]
  const findings = checks.filter(({ ok }) => !ok).length
  io.stdout.write(options.json ? `${JSON.stringify(checks, null, 2)}\n` : checksText(checks))
  return findings > 0 ? EXIT.finding : EXIT.fine
}

function checkConfig({ warnings, pipelines }: LoadedConfig): Check {
  if (warnings.length === 0) return { check: 'configuration', ok: true, found: countOf(pipelines.length, 'pipeline') }
  return { check: 'configuration', ok: false, found: warnings.map(formatIssue).join('; ') }
}

async function checkDirectory(directory: string): Promise<Check> {
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.R_OK | constants.W_OK)
    return { check: 'storage', ok: true, found: `${directory} can be written` }
  } catch (error) {
    const hint = 'choose another with --set service.storage.directory=… or AGENTPERF_HOME'
    return { check: 'storage', ok: false, found: `${directory} cannot be written (${errorCode(error)})`, hint }
  }
}

/** Not everyone has every kind of input: none of one kind is a finding only while there is none at all. */
async function checkInput(config: LoadedConfig, cwd: string, hasSessions: boolean): Promise<readonly Check[]> {
  const inputs: { readonly check: string; readonly files: number; readonly hint: string }[] = []
  for (const { id, config: body } of config.receivers.values()) {
    const input = filesOf(body)
    if (input === undefined) continue
    const { paths } = await listFiles(filePatterns(input.include, input.exclude))
    const files = paths.filter((path) => existsSync(path))
    const check = `input of ${id}`
    const places = input.include.join(' and ')
    const hint = `nothing matches ${places} (looked from ${cwd}); set receivers.${id}.include, or leave the receiver out`
    inputs.push({ check, files: files.length, hint })
  }
  const hasInput = hasSessions || inputs.some(({ files }) => files > 0)
  return inputs.map(({ check, files, hint }) =>
    files > 0 ? { check, ok: true, found: countOf(files, 'file') } : { check, ok: hasInput, found: 'no file', hint },
  )
}

async function readSessions(directory: string) {
  let sessions: readonly LedgerLine[] = []
  const checks = await asFinding('ledger', async () => {
    sessions = readLedger({ directory, limit: LAST_SESSIONS })
    return [await checkLedgerLines(directory)]
  })
  return { sessions, checks }
}

/** What the machine does not allow is what a doctor looks for. */
async function asFinding(check: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return [{ check, ok: false, found: error.message }]
  }
}

async function checkLedgerLines(directory: string): Promise<Check> {
  const { lines, problems } = await checkLedger(directory)
  const check = 'ledger'
  if (problems.length === 0) return { check, ok: true, found: `${countOf(lines, 'line')}, all readable` }
  const shown = problems.slice(0, 3).join('; ')
  const found = `${problems.length} of ${lines} lines are not as they should be: ${shown}`
  return { check, ok: false, found, hint: 'such lines are skipped; the file can be repaired with an editor' }
}

async function checkAccounts(directory: string): Promise<readonly Check[]> {
  const checkpoint = await readCheckpoint(layoutOf(directory).checkpoint)
  if (checkpoint === 'missing') return [{ check: 'what was read', ok: true, found: 'nothing yet' }]
  if (checkpoint === 'damaged') {
    const hint = 'the next start reads all input again; what is in the ledger already counts once'
    return [{ check: 'checkpoint', ok: false, found: 'it is damaged', hint }]
  }
  const accounts = [...new Accounting(checkpoint.counters).components()].filter(([, { received }]) => received > 0)
  if (accounts.length === 0) return [{ check: 'what was read', ok: true, found: 'nothing yet' }]
  return accounts.flatMap(([id, account]) => checkAccount(id, account))
}

function checkAccount(id: string, account: ComponentAccount): readonly Check[] {
  const of = (outcome: string): [string, number][] =>
    Object.entries(account.settled).filter(([key, count]) => key.startsWith(outcome) && count > 0)
  const lost = [...of('dropped'), ...of('unattributed')]
  const hints = lost.flatMap(([key]) => NOTHING_TO_REPAIR[key] ?? [])
  const names = Object.entries(account.unknownNames).toSorted(([, a], [, b]) => b - a)
  const shown = names.slice(0, NAMES_SHOWN).map(([name, count]) => `${name} (${count})`)
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : ''
  return [
    {
      check: id,
      ok: hints.length === lost.length,
      found: [`${account.received} received`, ...lost.map(([key, count]) => `${count} ${key}`)].join(', '),
      ...(hints.length === 0 ? {} : { hint: hints.join('; ') }),
    },
    // What was masked is as it should be.
    ...Object.entries(account.noticed).map(([what, count]) => ({
      check: id,
      ok: what.startsWith('masked_'),
      found: `${count} ${what}`,
    })),
    ...(names.length === 0
      ? []
      : [{ check: id, ok: false, found: `names that no dialect knows: ${shown.join(', ')}${more}` }]),
  ]
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
