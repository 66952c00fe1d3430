import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { interleaved } from './medians.ts'
import type { Measurement } from './programs/measured.ts'
import { runProgram } from './run-program.ts'
import { megabytes, milliseconds, printTable, ratio } from './table.ts'
import { writeTelemetry } from './telemetry-files.ts'
import { stateFolder, type WorkFolder } from './work-folder.ts'

const AGENTS = 8
const SIZES = [
  { bytes: 200e6, rounds: 5 },
  { bytes: 1e9, rounds: 3 },
]
const READING = 'read and parse lines'
const CORE = 'files → sessions → KPIs'
const WHOLE = 'all of pipelines.yaml'
const PIPELINES = join(import.meta.dirname, '..', 'pipelines.yaml')

/** Telemetry files → sessions → KPIs, against a loop that only reads and parses the lines. */
export async function benchPipeline(folder: WorkFolder): Promise<void> {
  const { path, programs } = folder
  for (const { bytes, rounds } of SIZES) {
    const input = join(path, 'telemetry')
    const { lines } = writeTelemetry({ directory: input, seed: 'bench', agents: AGENTS, bytes })
    const pipeline = async (...configFile: readonly string[]): Promise<Measurement> => {
      const state = await stateFolder(folder)
      const measurement = await runProgram(programs, 'run-pipeline', [input, state, ...configFile])
      if (measurement.count !== lines) throw new Error(`expected ${lines} lines, ${measurement.count} were read`)
      return measurement
    }
    const results = await interleaved(
      {
        [READING]: () => runProgram(programs, 'parse-lines', [input]),
        [CORE]: () => pipeline(),
        [WHOLE]: () => pipeline(PIPELINES),
      },
      rounds,
    )
    print(`pipeline: ${megabytes(bytes)} in ${lines} lines of ${AGENTS} agents, medians of ${rounds}`, bytes, results)
    await rm(input, { recursive: true })
  }
}

function print(title: string, bytes: number, results: ReadonlyMap<string, Measurement>): void {
  const reference = results.get(READING)
  const rows = [...results].map(([name, { wallMs, cpuMs, maxRssBytes, count }]) => [
    name,
    milliseconds(wallMs),
    milliseconds(cpuMs),
    `${Math.round(bytes / cpuMs / 1000)} MB/s`,
    `${Math.round(count / cpuMs)} k/s`,
    ratio((reference?.cpuMs ?? Number.NaN) / cpuMs),
    ratio((reference?.wallMs ?? Number.NaN) / wallMs),
    megabytes(maxRssBytes),
  ])
  printTable(title, ['', 'wall', 'CPU', 'per CPU s', 'lines', 'ratio CPU', 'ratio wall', 'max RSS'], rows)
}
