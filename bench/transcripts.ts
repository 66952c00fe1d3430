import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { ccusageBinary } from './ccusage.ts'
import { interleaved } from './medians.ts'
import type { Measurement } from './programs/measured.ts'
import { runCommand } from './run-command.ts'
import { runProgram } from './run-program.ts'
import { megabytes, milliseconds, printTable, ratio } from './table.ts'
import { writeTranscripts } from './transcript-files.ts'
import { stateFolder, type WorkFolder } from './work-folder.ts'

const FILES = 3300
const ROUNDS = 3
const CAT = 'cat'
const PARSE = 'read and parse lines'
const CCUSAGE = 'ccusage 20 (Rust)'
const COLD = 'transcripts → sessions → KPIs'
const AGAIN = 'the same, nothing new'

/** A heavy user's transcripts, read cold and again, against `cat`, bare JSON.parse and ccusage. */
export async function benchTranscripts(folder: WorkFolder): Promise<void> {
  const { path, programs } = folder
  const input = join(path, 'claude')
  const { bytes, lines, files, sessions } = writeTranscripts(input, FILES, 'bench')
  let state = ''
  const ccusage = await ccusageBinary()
  const contenders: Record<string, () => Promise<Measurement>> = {
    [CAT]: () => runCommand('sh', ['-c', `find '${input}' -name '*.jsonl' -print0 | xargs -0 cat > /dev/null`]),
    [PARSE]: () => runProgram(programs, 'parse-lines', [input]),
    ...('path' in ccusage && {
      [CCUSAGE]: () =>
        runCommand(ccusage.path, ['session', '--json', '--offline'], { CLAUDE_CONFIG_DIR: input, HOME: path }),
    }),
    [COLD]: async () => {
      state = await stateFolder(folder)
      const cold = await runProgram(programs, 'run-transcripts', [input, state])
      if (cold.count !== lines) throw new Error(`expected ${lines} lines, ${cold.count} were read`)
      return cold
    },
    [AGAIN]: async () => {
      const again = await runProgram(programs, 'run-transcripts', [input, state])
      if (again.count !== 0) throw new Error(`expected nothing new, ${again.count} lines were read`)
      return again
    },
  }
  const results = await interleaved(contenders, ROUNDS)
  if ('missing' in ccusage) process.stdout.write(`\nwithout ccusage: ${ccusage.missing}\n`)
  const title = `transcripts: ${megabytes(bytes)} in ${files.length} files, ${lines} lines, ${sessions} sessions, medians of ${ROUNDS}`
  const reference = results.get(CCUSAGE) ?? results.get(PARSE)
  const rows = [...results].map(([name, { wallMs, cpuMs, maxRssBytes }]) => [
    ...[name, milliseconds(wallMs), milliseconds(cpuMs), `${Math.round(bytes / wallMs / 1000)} MB/s`],
    ...[ratio((reference?.wallMs ?? Number.NaN) / wallMs), ratio((reference?.cpuMs ?? Number.NaN) / cpuMs)],
    megabytes(maxRssBytes),
  ])
  const than = results.has(CCUSAGE) ? 'ccusage' : 'parsing'
  printTable(title, ['', 'wall', 'CPU', 'per second', `${than} wall`, `${than} CPU`, 'max RSS'], rows)
  const { medianMs, p95Ms, maxMs } = await appendedLine(programs, input, state)
  const delays = [medianMs, p95Ms, maxMs].map(milliseconds).join(', ')
  process.stdout.write(`\n  an appended line is seen after (median, p95, longest): ${delays}\n`)
}

async function appendedLine(programs: string, input: string, state: string): Promise<z.infer<typeof delaysSchema>> {
  const program = join(programs, 'follow-transcripts.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [program, input, state])
  return delaysSchema.parse(JSON.parse(stdout))
}

const delaysSchema = z.object({ medianMs: z.number(), p95Ms: z.number(), maxMs: z.number() })
