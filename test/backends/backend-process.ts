import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** Programs that are not part of this repository, by the variable that says where they are. */
export const PROGRAMS = {
  AGENTPERF_COLLECTOR: 'an OpenTelemetry Collector with the receiver otlp and the exporter otlp_http',
  AGENTPERF_VICTORIA_METRICS: 'VictoriaMetrics from 1.112 on',
} as const

/** @returns the program's path; `undefined`, said aloud, where it is not named */
export function programOf(variable: keyof typeof PROGRAMS): string | undefined {
  const path = process.env[variable]
  console.log(path ? `${variable}: ${path}` : `${variable}: SKIPPED, it names no program (${PROGRAMS[variable]})`)
  return path || undefined
}

/** Runs a program until the test is over. @param listening a URL that answers when it is ready */
export async function startBackend(path: string, args: readonly string[], listening: string): Promise<void> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  child.once('close', () => resolve())
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  while (!(await answers(listening))) {
    if (child.exitCode !== null) throw new Error(`${path} ended with ${child.exitCode}:\n${output}`)
    await sleep(50)
  }
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}
