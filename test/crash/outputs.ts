import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { LedgerLine } from '#src/model/assessment.ts'
import { type ComponentAccount, unaccounted } from '#src/service/accounting.ts'

const FOLDERS = ['history', 'baselines', 'sessions', 'reports', 'optimizations']

/** All that agentperf made, by path below its directory. */
export function outputsOf(directory: string): ReadonlyMap<string, string> {
  const paths = FOLDERS.flatMap((folder) => filesBelow(join(directory, folder)))
  return new Map(paths.toSorted().map((path) => [relative(directory, path), readFileSync(path, 'utf8')]))
}

/** Paths at which two directories differ. */
export function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path))
}

/** The ledger's whole lines, in order. */
export function ledgerOf(directory: string): readonly LedgerLine[] {
  const text = textOf(join(directory, 'history', 'kpis.jsonl'))
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** Whether the ledger has all sessions, and the exporters have all that is in the ledger. */
export function isDone(directory: string, sessions: number): boolean {
  const ledger = textOf(join(directory, 'history', 'kpis.jsonl'))
  if (countLines(ledger) < sessions) return false
  const exported = filesBelow(join(directory, 'sessions')).map((path) => countLines(textOf(path)))
  if (exported.reduce((sum, count) => sum + count, 0) < countLines(ledger)) return false
  return reportsOf(directory) >= sessions
}

/** Size of the ledger; 0 before there is one. */
export function ledgerBytesOf(directory: string): number {
  return statSync(join(directory, 'history', 'kpis.jsonl'), { throwIfNoEntry: false })?.size ?? 0
}

/** How many reports there are. */
export function reportsOf(directory: string): number {
  return filesBelow(join(directory, 'reports')).filter((path) => path.endsWith('.md')).length
}

/** Files that nobody should find after a stop: temporary ones, locks, torn lines. */
export function remainsOf(directory: string): readonly string[] {
  return filesBelow(directory).flatMap((path) => {
    const name = relative(directory, path)
    if (name.endsWith('.tmp') || name.endsWith('lock') || name.endsWith('.damaged')) return [name]
    const text = /\.(jsonl|md|json)$/.test(name) ? textOf(path) : '\n'
    return text.endsWith('\n') ? [] : [`${name}: torn`]
  })
}

/** Items that the counters in the checkpoint do not account for, by component; none when all are. */
export function lostItemsOf(directory: string): Readonly<Record<string, number>> {
  const { counters } = JSON.parse(textOf(join(directory, '.agentperf', 'checkpoint.json')))
  const accounts: [string, ComponentAccount][] = Object.entries(counters)
  return Object.fromEntries(
    accounts.map(([id, account]) => [id, unaccounted(account)] as const).filter(([, lost]) => lost !== 0),
  )
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}

// Files come and go while they are looked at.
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1
}
