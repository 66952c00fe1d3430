import { execFile } from 'node:child_process'
import { resolve } from 'node:path'

export const REPOSITORY = resolve(import.meta.dirname, '../..')

/** The image that the Dockerfile builds on. */
export const BASE_IMAGE = 'node:26-bookworm-slim'

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface DockerOptions {
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the `docker` command; never rejects. */
export function docker(args: readonly string[], { env = {} }: DockerOptions = {}): Promise<Result> {
  return new Promise((done) => {
    const options = { cwd: REPOSITORY, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }
    execFile('docker', args, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127
      done({ code, out, err: err || (error?.message ?? '') })
    })
  })
}

/** As {@link docker}. @returns what it printed @throws with what it said where it fails */
export async function dockerOk(args: readonly string[], options?: DockerOptions): Promise<string> {
  const { code, out, err } = await docker(args, options)
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}: ${err}${out}`)
  return out.trim()
}

/** @returns why nothing can be run; `undefined` where all is there */
export async function whatIsMissing(): Promise<string | undefined> {
  if ((await docker(['version', '--format', '{{.Server.Version}}'])).code !== 0) return 'no Docker engine answers'
  if ((await docker(['compose', 'version'])).code !== 0) return 'Docker has no compose'
  if ((await docker(['image', 'inspect', BASE_IMAGE])).code === 0) return undefined
  return (await docker(['pull', '--quiet', BASE_IMAGE])).code === 0 ? undefined : `${BASE_IMAGE} cannot be had`
}
