import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type Measurement, measurementSchema } from './programs/measured.ts'

/**
 * Runs a benchmark's program in a process of its own.
 *
 * @throws when it fails, with what it wrote to stderr
 */
export async function runProgram(directory: string, name: string, args: readonly string[]): Promise<Measurement> {
  return measurementSchema.parse(await resultOf(directory, name, args))
}

/**
 * Runs a program as {@link runProgram} does, whatever it tells.
 *
 * @returns its last line, parsed
 */
export async function resultOf(directory: string, name: string, args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [join(directory, `${name}.mjs`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}:\n${stderr}`)
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}
