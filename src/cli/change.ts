import type * as z from 'zod'
import type { LoadedConfig } from '#src/config/config.ts'
import { LockHeldError } from '#src/errors.ts'
import { askWriter, type CommandAnswer, type CommandRequest } from '#src/store/command-requests.ts'
import { layoutOf } from '#src/store/layout.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { EXIT, type Io } from './io.ts'

/** What a change sees and changes. */
export interface ChangeContext {
  readonly store: OpenStore
  readonly config: LoadedConfig
  readonly io: Pick<Io, 'stdout' | 'stderr' | 'nowMs'>
}

/** Something that a command changes on disk: done by whoever holds the lock. Its options travel as JSON. */
export interface Change<Options> {
  readonly name: string
  readonly schema: z.ZodType<Options>
  // A method, so that changes with different options fit one table; the schema has checked them.
  /** @returns the exit code */
  perform(options: Options, context: ChangeContext): Promise<number>
}

/** Makes a change: here where nobody holds the lock, else by asking the one who does. */
export async function makeChange<Options>(
  change: Change<Options>,
  options: Options,
  config: LoadedConfig,
  io: Io,
): Promise<number> {
  const { directory } = config.service.storage
  let store: OpenStore
  try {
    store = await openStore({ directory, mode: 'write', nowMs: io.nowMs })
  } catch (error) {
    if (error instanceof LockHeldError) return ask({ change: change.name, options }, directory, error, io)
    throw error
  }
  try {
    return await change.perform(options, { store, config, io })
  } finally {
    await store.close()
  }
}

/** Makes a change that was asked for, in the process that holds the lock. */
export async function performRequest(
  { change: name, options }: CommandRequest,
  changes: readonly Change<unknown>[],
  context: Pick<ChangeContext, 'store' | 'config'> & Pick<Io, 'nowMs'>,
): Promise<CommandAnswer> {
  const change = changes.find((one) => one.name === name)
  const parsed = change?.schema.safeParse(options)
  if (change === undefined || parsed?.success !== true) {
    return { exitCode: EXIT.usage, out: '', err: `The agentperf that runs does not know this way to ${name}.\n` }
  }
  const written = { out: '', err: '' }
  const keep = (stream: keyof typeof written) => ({
    write(text: string) {
      written[stream] += text
    },
  })
  const { store, config, nowMs } = context
  const io = { stdout: keep('out'), stderr: keep('err'), nowMs }
  const exitCode = await change.perform(parsed.data, { store, config, io })
  return { exitCode, ...written }
}

async function ask(request: CommandRequest, directory: string, held: LockHeldError, io: Io): Promise<number> {
  const answer = await askWriter(layoutOf(directory).requests, request)
  if (answer === 'not_taken') throw held
  if (answer === 'no_answer') {
    io.stderr.write('agentperf: the agentperf that runs has taken the request and does not answer; its log says why.\n')
    return EXIT.environment
  }
  io.stdout.write(answer.out)
  io.stderr.write(answer.err)
  return answer.exitCode
}
