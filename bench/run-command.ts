import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Measurement } from './programs/measured.ts'

const SAMPLE_MS = 5
const TICKS_PER_SECOND = 100

/**
 * Runs a command that is not ours and measures it from outside, by what Linux says of processes: elsewhere CPU time and
 * memory are NaN.
 *
 * @throws when it fails, with what it wrote to stderr
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measurement> {
  const cpuBefore = cpuOfChildrenMs()
  const startMs = performance.now()
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let maxRssBytes = Number.NaN
  const timer = setInterval(() => {
    maxRssBytes = peakBytesOf(child.pid) ?? maxRssBytes
  }, SAMPLE_MS)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  clearInterval(timer)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}`)
  return { wallMs: performance.now() - startMs, cpuMs: cpuOfChildrenMs() - cpuBefore, maxRssBytes, count: 0 }
}

/** User and system time of all children that have ended. */
function cpuOfChildrenMs(): number {
  const fields = read('/proc/self/stat')?.split(') ')[1]?.split(' ')
  return ((Number(fields?.[13]) + Number(fields?.[14])) * 1000) / TICKS_PER_SECOND
}

function peakBytesOf(pid: number | undefined): number | undefined {
  const peak = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? '')
  return peak === null ? undefined : Number(peak[1]) * 1024
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
