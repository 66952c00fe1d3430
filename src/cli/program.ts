import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, Option } from 'commander'
import { ConfigError, EnvironmentError, formatIssue } from '#src/errors.ts'
import { type CommandSpec, commands } from './commands.ts'
import { EXIT, type Io } from './io.ts'
import { ownName } from './own-name.ts'

export interface ProgramInput {
  /** Arguments after `agentperf`. */
  readonly argv: readonly string[]
  readonly io: Io
  /** The directory of package.json and of the shipped pipelines.yaml. */
  readonly packageRoot: URL
  /** @default all commands */
  readonly commandTable?: readonly CommandSpec[]
}

/**
 * Runs one command line. Only the module of the command that is used is loaded. Never rejects.
 *
 * @returns the exit code
 */
export async function runProgram(input: ProgramInput): Promise<number> {
  let code: number = EXIT.fine
  try {
    const program = createProgram(input, (commandCode) => {
      code = commandCode
    })
    await program.parseAsync(input.argv, { from: 'user' })
    return code
  } catch (error) {
    return reportError(error, input.io)
  }
}

function createProgram(input: ProgramInput, done: (code: number) => void): Command {
  const { io, packageRoot, commandTable = commands } = input
  const program = new Command(ownName(io))
    .description('Turns what AI coding agents emit into session KPIs, baselines, alerts and suggestions.')
    .version(readVersion(packageRoot))
    .exitOverride()
    .showHelpAfterError(`\`${ownName(io)} --help\` tells what there is; every command has --help, too.`)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => helpWidth(io.stdout),
      getErrHelpWidth: () => helpWidth(io.stderr),
    })
    .addOption(repeatable('--config <file>', 'configuration file; repeat it to merge several, in this order'))
    .addOption(repeatable('--set <path=value>', 'one value over the files, as service.telemetry.logs.level=debug'))
    .addHelpText('after', example('agentperf analyze ~/.claude/telemetry/traces-*.jsonl', io))
  for (const spec of commandTable) addCommand(program, spec, input, done)
  return program
}

function addCommand(program: Command, spec: CommandSpec, input: ProgramInput, done: (code: number) => void): void {
  const { io } = input
  const command = program.command(spec.name).description(spec.summary).addHelpText('after', example(spec.example, io))
  const add = (target: Command, fixed: Readonly<Record<string, string>>) => {
    target.action(async () => {
      const module = await spec.load()
      done(await module.run({ ...optionsOf(target, input), ...fixed }, io))
    })
  }
  if (spec.actions === undefined) {
    spec.configure?.(command)
    add(command, {})
    return
  }
  for (const { name, summary, example: text, configure } of spec.actions) {
    const action = command.command(name).description(summary).addHelpText('after', example(text, io))
    configure?.(action)
    add(action, { action: name })
  }
}

/** Options and arguments under the names that command modules know; switches that are not set are `false`. */
function optionsOf(command: Command, { io, packageRoot }: ProgramInput): Readonly<Record<string, unknown>> {
  const switches = command.options
    .filter((option) => option.isBoolean())
    .map((option) => [option.attributeName(), false])
  const given: Record<string, unknown> = command.optsWithGlobals()
  const values = command.registeredArguments.map((argument, i) => [
    camelCase(argument.name()),
    command.processedArgs[i],
  ])
  const config = Array.isArray(given.config) ? given.config : [defaultConfigFile(io.cwd, packageRoot)]
  return {
    ...Object.fromEntries(switches),
    ...given,
    ...Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    config,
    set: given.set ?? [],
    packageRoot,
  }
}

function defaultConfigFile(cwd: string, packageRoot: URL): string {
  const own = 'pipelines.yaml'
  return existsSync(resolve(cwd, own)) ? own : fileURLToPath(new URL(own, packageRoot))
}

function reportError(error: unknown, { stderr }: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage
  if (error instanceof ConfigError) {
    const count = error.issues.length
    for (const issue of error.issues) stderr.write(`${formatIssue(issue)}\n`)
    stderr.write(`${count} ${count === 1 ? 'problem' : 'problems'} in the configuration\n`)
    return EXIT.usage
  }
  if (error instanceof EnvironmentError) {
    stderr.write(`agentperf: ${error.message}\n`)
    return EXIT.environment
  }
  stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return EXIT.bug
}

function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: readonly string[] | undefined) => [
    ...(previous ?? []),
    value,
  ])
}

/** @param commandLine begins with `agentperf` */
function example(commandLine: string, io: Io): string {
  return `\nExample:\n  $ ${commandLine.replace('agentperf', ownName(io))}`
}

function helpWidth({ isTTY, columns }: Io['stdout']): number {
  return isTTY === true && columns !== undefined ? Math.min(columns, 120) : 80
}

function readVersion(packageRoot: URL): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8'))
  const found = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined
  return typeof found === 'string' ? found : 'unknown'
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
