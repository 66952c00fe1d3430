import { appendFile, mkdtemp, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Receiver } from '#src/component.ts'
import { Accounting } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { configSchema } from './config.ts'
import { jsonlFile } from './jsonl_file.ts'

const SEED = 20_261_120
const ID = 'jsonl_file'
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/** What is known of one written line. */
interface Line {
  readonly text: string
  /** Whether the receiver had its chance: it must have come by the next scan. */
  due: boolean
  /** Whether it stood in a file that was written anew: it may come again. */
  again: boolean
  seen: number
}

/** The file that is written to at present. */
interface Target {
  lines: Line[]
  /** What is still missing of its last line. */
  half: { readonly line: Line; readonly missing: string } | undefined
  /** Whether the receiver has it open. */
  known: boolean
}

/** Writes files as agents, log rotation and people do, and knows what a receiver must make of them. */
class World {
  readonly #folder: string
  readonly #store: OpenStore
  readonly #accounting = new Accounting()
  readonly #progress = new InputProgress()
  readonly #lines = new Map<string, Line>()
  readonly #path: string
  #target: Target | undefined
  #receiver: Receiver | undefined
  #rotations = 0

  constructor(folder: string, store: OpenStore) {
    this.#folder = folder
    this.#store = store
    this.#path = join(folder, 'a.jsonl')
  }

  async append(sizes: readonly number[]): Promise<void> {
    const target = this.#writable()
    const lines = sizes.map((size) => this.#newLine(size))
    const text = this.#completion(target) + lines.map(({ text }) => `${text}\n`).join('')
    await appendFile(this.#path, text)
    target.lines.push(...lines)
    for (const line of lines) line.due = true
  }

  async half(share: number): Promise<void> {
    const target = this.#writable()
    const line = this.#newLine(50)
    const cut = 1 + Math.floor(share * (line.text.length - 2))
    await appendFile(this.#path, this.#completion(target) + line.text.slice(0, cut))
    target.half = { line, missing: `${line.text.slice(cut)}\n` }
  }

  async rotate(completed: boolean): Promise<void> {
    const target = this.#target
    if (target === undefined) return
    const rotated = `${this.#path}.${++this.#rotations}`
    await rename(this.#path, rotated)
    if (completed) await appendFile(rotated, this.#completion(target))
    this.#target = undefined
  }

  async truncate(): Promise<void> {
    if (this.#target === undefined) return
    await truncate(this.#path)
    forgive(this.#target.lines)
    this.#target = { ...this.#target, lines: [], half: undefined }
  }

  async rewrite(kept: number): Promise<void> {
    const target = this.#target
    if (target === undefined) return
    const start = Math.max(0, target.lines.length - kept)
    const lines = [...target.lines.slice(start), this.#newLine(30)]
    await writeFile(this.#path, lines.map(({ text }) => `${text}\n`).join(''))
    forgive(target.lines.slice(0, start))
    for (const line of lines) {
      line.due = true
      line.again = true
    }
    this.#target = { ...target, lines, half: undefined }
  }

  async replace(): Promise<void> {
    const lines = [this.#newLine(40), this.#newLine(1)]
    const temporary = join(this.#folder, 'temporary')
    await writeFile(temporary, lines.map(({ text }) => `${text}\n`).join(''))
    await rename(temporary, this.#path)
    this.#leave()
    for (const line of lines) line.due = true
    this.#target = { lines, half: undefined, known: false }
  }

  async delete(): Promise<void> {
    if (this.#target === undefined) return
    await unlink(this.#path)
    this.#leave()
    this.#target = undefined
  }

  async start(): Promise<void> {
    if (this.#receiver !== undefined) return
    this.#receiver = jsonlFile.create(
      configSchema.parse({ include: [`${this.#path}*`], poll_interval: '10ms', batch_lines: 3 }),
      {
        id: ID,
        log: SILENT,
        now: Date.now,
        items: this.#accounting.itemsOf(ID),
        progress: this.#progress.of(ID),
        store: this.#store,
        decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
      },
      async (batch) => {
        for (const item of batch)
          this.#see(item.kind === 'log' ? item.body : undefined, JSON.stringify(item.attributes))
      },
    )
    await this.#receiver.start()
  }

  async stop(): Promise<void> {
    await this.#receiver?.stop()
    this.#receiver = undefined
    if (this.#target !== undefined) this.#target.known = false
  }

  /** Waits for the scan that began after now, and checks that it found everything that was there. */
  async check(): Promise<void> {
    if (this.#receiver === undefined) return
    const nowMs = Date.now()
    await expect
      .poll(() => this.#progress.of(ID).scannedUntilMs(), { interval: 2, timeout: 5000 })
      .toBeGreaterThan(nowMs)
    for (const { text, due, again, seen } of this.#lines.values()) {
      if (due) expect(seen, `lost: ${text}`).toBeGreaterThan(0)
      if (!again) expect(seen, `came again: ${text}`).toBeLessThanOrEqual(1)
    }
    const settled = this.#accounting.components().get(ID)?.settled ?? {}
    expect(Object.keys(settled).filter((key) => key !== 'used' && key !== 'dropped:partial_line')).toEqual([])
    if (this.#target !== undefined) this.#target.known = true
  }

  #writable(): Target {
    this.#target ??= { lines: [], half: undefined, known: false }
    return this.#target
  }

  #newLine(size: number): Line {
    const id = `${this.#lines.size}`
    const timestamp = '2026-02-12T18:28:00Z'
    const text = JSON.stringify({ timestamp, body: id, attributes: { filler: 'ä'.repeat(size) } })
    const line = { text, due: false, again: false, seen: 0 }
    this.#lines.set(id, line)
    return line
  }

  #completion(target: Target): string {
    if (target.half === undefined) return ''
    const { line, missing } = target.half
    target.half = undefined
    target.lines.push(line)
    line.due = true
    return missing
  }

  // A file that the receiver has open is read to its end; of another one nobody knows.
  #leave(): void {
    if (this.#target !== undefined && !this.#target.known) forgive(this.#target.lines)
  }

  #see(id: unknown, attributes: string): void {
    const line = this.#lines.get(String(id))
    expect(line?.text, `no such line: ${id}`).toContain(attributes)
    if (line !== undefined) line.seen++
  }
}

/** These lines are gone, and perhaps nobody saw them. */
function forgive(lines: readonly Line[]): void {
  for (const line of lines) line.due = false
}

const size = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 60 }) }, fc.integer({ min: 100, max: 300_000 }))
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('append'), sizes: fc.array(size, { minLength: 1, maxLength: 8 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('half'), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate'), completed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rewrite'), kept: fc.nat({ max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('check') }) },
) as fc.Arbitrary<Step>

type Step =
  | { readonly do: 'append'; readonly sizes: readonly number[] }
  | { readonly do: 'half'; readonly share: number }
  | { readonly do: 'rotate'; readonly completed: boolean }
  | { readonly do: 'rewrite'; readonly kept: number }
  | { readonly do: 'truncate' | 'replace' | 'delete' | 'stop' | 'start' | 'check' }

function perform(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'append':
      return world.append(step.sizes)
    case 'half':
      return world.half(step.share)
    case 'rotate':
      return world.rotate(step.completed)
    case 'rewrite':
      return world.rewrite(step.kept)
    default:
      return world[step.do]()
  }
}

test(`whatever is done to files, each whole line comes once, or again where it was written anew (seed ${SEED})`, async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    const folder = await mkdtemp(join(tmpdir(), 'agentperf-property-'))
    const store = await openStore({ directory: join(folder, 'state'), mode: 'write', nowMs: Date.now })
    const world = new World(folder, store)
    try {
      await world.start()
      for (const each of steps) await perform(world, each)
      await world.start()
      await world.check()
    } finally {
      await world.stop()
      await store.close()
      await rm(folder, { recursive: true })
    }
  })
  await fc.assert(property, { seed: SEED, numRuns: 60 })
})
