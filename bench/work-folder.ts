import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { bundle } from '../scripts/bundle.ts'

const PROGRAMS = [
  'parse-lines',
  'run-pipeline',
  'make-ledger',
  'commit-sessions',
  'make-otlp',
  'send-otlp',
  'serve-hooks',
  'run-transcripts',
  'follow-transcripts',
  'http-sink',
  'export-sessions',
]

/** Where benchmarks put their files. */
export interface WorkFolder {
  readonly path: string
  /** The benchmarks' programs, bundled as the published package is. */
  readonly programs: string
}

/** Gives a folder to some work and removes it afterwards. */
export async function inWorkFolder(work: (folder: WorkFolder) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'agentperf-bench-'))
  try {
    const programs = join(path, 'programs')
    const sources = PROGRAMS.map((name) => [name, resolve(import.meta.dirname, 'programs', `${name}.ts`)])
    await bundle(Object.fromEntries(sources), programs)
    await work({ path, programs })
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/**
 * An empty folder for the state of one run. It stays until everything was measured: on a file system without a journal, files
 * that were just removed make each new one take longer, so that a run would pay for the one before it.
 */
export async function stateFolder({ path }: WorkFolder): Promise<string> {
  const states = join(path, 'states')
  await mkdir(states, { recursive: true })
  return await mkdtemp(join(states, 'state-'))
}

/** What the figures were measured on. */
export function machine(): string {
  const [processor] = cpus()
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${processor?.model.trim()}), ${memoryGb} GiB, Node ${process.version}, ${process.platform}`
}
