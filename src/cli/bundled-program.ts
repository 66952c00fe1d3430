import { join } from 'node:path'
import { commands } from './commands.ts'
import { loadCompiled } from './compiled-script.ts'
import { type ProgramInput, runProgram as runHere } from './program.ts'

/** Name of the script that has all of the program, in the bundle's folder. Set by the bundler. */
declare const PROGRAM_SCRIPT: string

/**
 * Runs one command line, as `runProgram` of the sources does: help, versions and mistakes are answered with the little code that
 * this takes, a command runs in the script that has all.
 */
export function runProgram(input: ProgramInput): Promise<number> {
  const commandTable = commands.map((spec) => ({ ...spec, load: async () => ({ run: () => runIn(spec.name, input) }) }))
  return runHere({ ...input, commandTable })
}

async function runIn(command: string, input: ProgramInput): Promise<number> {
  const path = join(import.meta.dirname, PROGRAM_SCRIPT)
  const { exports: program, keep } = loadCompiled<{ readonly runProgram: typeof runHere }>(path, command)
  const code = await program.runProgram({ ...input, io: { ...input.io, loaded: keep } })
  keep()
  return code
}
