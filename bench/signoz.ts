import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { interleaved } from './medians.ts'
import type { Measurement } from './programs/measured.ts'
import { runProgram } from './run-program.ts'
import { megabytes, printTable, ratio } from './table.ts'
import type { WorkFolder } from './work-folder.ts'

const SESSIONS = 100_000
const ROUNDS = 3

/** How many sessions per second the exporter `signoz` brings to a local sink, through its queue on disk. */
export async function benchSignoz({ path, programs }: WorkFolder): Promise<void> {
  const sink = spawn(process.execPath, [join(programs, 'http-sink.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const [port] = await once(sink.stdout, 'data')
    const endpoint = `http://127.0.0.1:${String(port).trim()}`
    let runs = 0
    const contenders: Record<string, () => Promise<Measurement>> = {}
    for (const encoding of ['json', 'protobuf']) {
      contenders[encoding] = () => {
        runs += 1
        const directory = join(path, `export-${runs}`)
        return runProgram(programs, 'export-sessions', [directory, endpoint, encoding, String(SESSIONS)])
      }
    }
    const results = await interleaved(contenders, ROUNDS)
    const [first] = results.values()
    const rows = [...results].map(([name, { wallMs, cpuMs, maxRssBytes, count }]) => [
      name,
      `${Math.round(count / (wallMs / 1000))}/s`,
      `${Math.round(count / (cpuMs / 1000))}/s`,
      ratio((first?.cpuMs ?? Number.NaN) / cpuMs),
      megabytes(maxRssBytes),
    ])
    const title = `signoz: ${SESSIONS} sessions of 13 KPIs into a local sink, medians of ${ROUNDS}`
    printTable(title, ['encoding', 'sessions by wall', 'by CPU', 'ratio of CPU', 'max RSS'], rows)
  } finally {
    const ended = once(sink, 'close')
    sink.stdin.end()
    await ended
  }
}
