import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { EnvironmentError } from '#src/errors.ts'
import { tempPathIn } from '#src/store/atomic-file.ts'
import { fileError } from '#src/store/file-error.ts'
import { type Additions, type Settings, settingsSchema, withoutAdditions } from './claude-settings.ts'

/** Settings may hold secrets: nobody else reads what is kept of them. */
const PRIVATE_MODE = 0o600

const handlerSchema = z.union([
  z.strictObject({ type: z.literal('http'), url: z.string(), timeout: z.number() }),
  z.strictObject({ type: z.literal('command'), command: z.string(), timeout: z.number() }),
])
const recordSchema = z.strictObject({
  path: z.string(),
  /** Digest of what was written. */
  written: z.string(),
  /** Base64 of what was there before; `null` where there was no file. */
  before: z.string().nullable(),
  made_folder: z.boolean(),
  additions: z.strictObject({ hooks: z.record(z.string(), handlerSchema), env: z.record(z.string(), z.string()) }),
})

type InstallRecord = z.infer<typeof recordSchema>

export interface InstallationPlace {
  /** As commands call it: `claude-code`. */
  readonly agent: string
  readonly path: string
  /** Where what was there before is kept. */
  readonly stateDirectory: string
}

/** One settings file that agentperf adds to, and what is kept so that nothing remains of it. */
export class Installation {
  readonly path: string
  readonly #recordPath: string

  constructor({ agent, path, stateDirectory }: InstallationPlace) {
    // A link stays one.
    this.path = existsSync(path) ? realpathSync(path) : path
    const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
    this.#recordPath = join(stateDirectory, 'install', `${agent}-${name}.json`)
  }

  /** The file as it is; empty where there is none. */
  current(): string {
    return readText(this.path) ?? ''
  }

  /** The file without anything of agentperf: byte for byte as it was, unless it was changed since. */
  original(): { readonly text: string | undefined; readonly isExact: boolean } {
    const record = this.#record()
    const current = readText(this.path)
    if (record !== undefined) {
      const before = record.before === null ? undefined : decode(record.before)
      // It is back already where a crash came between both writes.
      if (current === before || (current !== undefined && digestOf(current) === record.written)) {
        return { text: before, isExact: true }
      }
    }
    const settings = parseSettings(current, this.path)
    const { hooks, env } = record?.additions ?? { hooks: {}, env: {} }
    const without = withoutAdditions(settings, { hooks, env })
    return isDeepStrictEqual(without, settings)
      ? { text: current, isExact: true }
      : { text: settingsText(without), isExact: false }
  }

  get isInstalled(): boolean {
    return this.#record() !== undefined
  }

  write(text: string, additions: Additions): void {
    const before = this.original().text
    const record = this.#record()
    const madeFolder = record?.made_folder ?? !existsSync(dirname(this.path))
    const kept: InstallRecord = {
      path: this.path,
      written: digestOf(text),
      before: before === undefined ? null : Buffer.from(before).toString('base64'),
      made_folder: madeFolder,
      additions: { hooks: { ...additions.hooks }, env: { ...additions.env } },
    }
    // First what brings the old content back.
    replaceFile(this.#recordPath, `${JSON.stringify(kept, undefined, 2)}\n`, PRIVATE_MODE)
    replaceFile(this.path, text, modeOf(this.path))
  }

  remove(): void {
    const record = this.#record()
    const { text } = this.original()
    if (text === undefined) rmSync(this.path, { force: true })
    else replaceFile(this.path, text, modeOf(this.path))
    if (record?.made_folder === true && text === undefined) removeEmptyFolder(dirname(this.path))
    rmSync(this.#recordPath, { force: true })
    removeEmptyFolder(dirname(this.#recordPath))
  }

  #record(): InstallRecord | undefined {
    const text = readText(this.#recordPath)
    if (text === undefined) return undefined
    const record = recordSchema.safeParse(parseJson(text)).data
    if (record !== undefined) return record
    throw new EnvironmentError(
      `${this.#recordPath} is damaged: remove agentperf's hooks from ${this.path} by hand, then it.`,
    )
  }
}

/** @throws {EnvironmentError} for what the agent could not read either */
export function parseSettings(text: string | undefined, path: string): Settings {
  if (text === undefined || text.trim() === '') return {}
  const settings = settingsSchema.safeParse(parseJson(text)).data
  if (settings !== undefined) return settings
  throw new EnvironmentError(
    `${path}: expected the settings of an agent (JSON), found something else. Nothing was changed.`,
  )
}

export function settingsText(settings: Settings): string {
  return `${JSON.stringify(settings, undefined, 2)}\n`
}

function readText(path: string): string | undefined {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  } catch (error) {
    throw fileError('Cannot read', path, error)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function modeOf(path: string): number {
  return existsSync(path) ? statSync(path).mode & 0o777 : PRIVATE_MODE
}

function replaceFile(path: string, text: string, mode: number): void {
  const temporary = tempPathIn(dirname(path))
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, text, { mode, flush: true })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw fileError('Cannot write', path, error)
  }
}

function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Something else is in it, or it has gone.
  }
}
