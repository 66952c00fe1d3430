import { benchHookCommand } from './hook-command.ts'
import { benchHooks } from './hooks.ts'
import { benchLedger } from './ledger.ts'
import { benchOtlp } from './otlp.ts'
import { benchPassthrough, benchQueue } from './passthrough.ts'
import { benchPipeline } from './pipeline.ts'
import { benchSignoz } from './signoz.ts'
import { benchStart } from './start.ts'
import { benchTranscripts } from './transcripts.ts'
import { inWorkFolder, machine, type WorkFolder } from './work-folder.ts'

/** Benchmarks by name: `npm run bench` runs all, `npm run bench -- start` only that one. Nothing is asserted. */
const BENCHMARKS: ReadonlyMap<string, (folder: WorkFolder) => Promise<void>> = new Map([
  ['pipeline', benchPipeline],
  ['otlp', benchOtlp],
  ['transcripts', benchTranscripts],
  ['ledger', benchLedger],
  ['start', benchStart],
  ['hooks', benchHooks],
  ['hook-command', benchHookCommand],
  ['signoz', benchSignoz],
  ['passthrough', benchPassthrough],
  ['queue', benchQueue],
])

const named = process.argv.slice(2)
const unknown = named.filter((name) => !BENCHMARKS.has(name))

if (unknown.length > 0) {
  process.stderr.write(`expected some of ${[...BENCHMARKS.keys()].join(', ')}, got ${unknown.join(', ')}\n`)
  process.exitCode = 2
} else {
  process.stdout.write(`${machine()}\n`)
  for (const [name, run] of BENCHMARKS) {
    if (named.length === 0 || named.includes(name)) await inWorkFolder(run)
  }
}
