import { truncateSync } from 'node:fs'
import { cp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { layoutOf } from '#src/store/layout.ts'
import { interleaved } from './medians.ts'
import type { Measurement } from './programs/measured.ts'
import { runProgram } from './run-program.ts'
import { megabytes, milliseconds, printTable, ratio } from './table.ts'
import type { WorkFolder } from './work-folder.ts'

const SIZES = [1e3, 1e4, 1e5, 1e6]
const SESSIONS = 1000
const ROUNDS = 5

/** What one more session costs (KPIs, comparison, commit, baselines, exports) when the ledger has so many lines. */
export async function benchLedger({ path, programs }: WorkFolder): Promise<void> {
  const contenders: Record<string, () => Promise<Measurement>> = {}
  for (const lines of SIZES) {
    const directory = join(path, `ledger-${lines}`)
    await runProgram(programs, 'make-ledger', [directory, String(lines)])
    const reset = await resetOf(directory)
    contenders[`${lines} lines`] = async () => {
      await reset()
      return runProgram(programs, 'commit-sessions', [directory, String(lines), String(SESSIONS)])
    }
  }
  const results = await interleaved(contenders, ROUNDS)
  const [first] = results.values()
  const rows = [...results].map(([name, { wallMs, cpuMs, maxRssBytes, count }]) => [
    name,
    milliseconds(wallMs / count),
    milliseconds(cpuMs / count),
    ratio(wallMs / (first?.wallMs ?? Number.NaN)),
    ratio(cpuMs / (first?.cpuMs ?? Number.NaN)),
    megabytes(maxRssBytes),
  ])
  const title = `ledger: cost of a session, of ${SESSIONS} in a row, medians of ${ROUNDS}`
  printTable(title, ['ledger', 'wall', 'CPU', 'ratio wall', 'ratio CPU', 'max RSS'], rows)
}

/** Puts a directory back to how it was: the ledger is cut, its snapshot restored. */
async function resetOf(directory: string): Promise<() => Promise<void>> {
  const { ledger, stateDirectory } = layoutOf(directory)
  const { size } = await stat(ledger)
  const saved = `${directory}-saved`
  await cp(stateDirectory, saved, { recursive: true })
  return async () => {
    truncateSync(ledger, size)
    const folders = ['baselines', 'sessions', 'reports'].map((name) => join(directory, name))
    for (const folder of [stateDirectory, ...folders]) await rm(folder, { recursive: true, force: true })
    await cp(saved, stateDirectory, { recursive: true })
  }
}
