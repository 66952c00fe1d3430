import { execFileSync } from 'node:child_process'
import {
  appendFile,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LineReader, type LineReaderOptions } from './line-reader.ts'
import { positionsInMemory, RecordingConsumer } from './recording-consumer.fixture.ts'

let folder: string
let consumer: RecordingConsumer
let positions: ReturnType<typeof positionsInMemory>
let events: string[]
let scans: number[]
let progress: [doneBytes: number, knownBytes: number, files: number][]
let running: { readonly reader: LineReader; readonly ended: Promise<void> }[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-lines-'))
  consumer = new RecordingConsumer()
  positions = positionsInMemory()
  events = []
  scans = []
  progress = []
  running = []
})

afterEach(async () => {
  await stopAll()
  await rm(folder, { recursive: true })
})

function start(options: Partial<LineReaderOptions> = {}): {
  readonly reader: LineReader
  readonly ended: Promise<void>
} {
  const reader = new LineReader({
    include: [at('*.jsonl')],
    exclude: [],
    follow: true,
    pollIntervalMs: 20,
    maxLineBytes: 1000,
    maxBatchLines: 100,
    positions,
    consumer,
    onEvent: (event, path) => events.push(`${event} ${basename(path)}`),
    now: Date.now,
    scanned: (startedAtMs) => scans.push(startedAtMs),
    progress: (...state) => progress.push(state),
    ...options,
  })
  const run = { reader, ended: reader.run() }
  running.push(run)
  return run
}

async function stopAll(): Promise<void> {
  for (const { reader } of running) reader.stop()
  await Promise.all(running.map(({ ended }) => ended))
  running = []
}

function at(name: string): string {
  return join(folder, name)
}

/** Waits until the lines are exactly these, in this order. */
async function expectLines(...lines: string[]): Promise<void> {
  await expect.poll(() => consumer.texts, { timeout: 5000, interval: 2 }).toEqual(lines)
}

/** Waits until everything was looked at that was there when this was called. */
async function scanned(times = 2): Promise<void> {
  const before = scans.length
  await expect.poll(() => scans.length, { timeout: 5000, interval: 2 }).toBeGreaterThanOrEqual(before + times)
}

describe('read once', () => {
  test('everything that is there, up to the last byte, and then it ends', async () => {
    await writeFile(at('a.jsonl'), 'one\ntwo\n{"three":3}')
    await start({ follow: false }).ended
    expect(consumer.texts).toEqual(['one', 'two', '{"three":3}'])
    expect(scans).toHaveLength(1)
    expect(progress.at(0)).toEqual([0, 19, 1])
    expect(progress.at(-1)).toEqual([19, 19, 1])
  })

  test('nothing matches', async () => {
    await start({ follow: false, include: [at('missing.jsonl'), at('no/*/such.jsonl')] }).ended
    expect(consumer.texts).toEqual([])
    expect(scans).toHaveLength(1)
  })

  test('files come by the date in their names, else by their age, then by name', async () => {
    const names = [
      'evaluations-2026-02-12.jsonl',
      'logs-2026-02-12.jsonl',
      'traces-2026-02-12.jsonl',
      'undated.jsonl',
      'evaluations-2026-02-14.jsonl',
      'traces-2026-02-14.jsonl',
    ]
    for (const name of names.toReversed()) await writeFile(at(name), `${name}\n`)
    await utimes(at('undated.jsonl'), new Date('2026-02-13T10:00Z'), new Date('2026-02-13T10:00Z'))
    await start({ follow: false }).ended
    expect(consumer.texts).toEqual(names)
  })

  test('a file with two names is read once, two files with equal content are both read', async () => {
    await writeFile(at('a.jsonl'), 'same\n')
    await link(at('a.jsonl'), at('b.jsonl'))
    await symlink(at('a.jsonl'), at('c.jsonl'))
    await copyFile(at('a.jsonl'), at('d.jsonl'))
    await start({ follow: false }).ended
    expect(consumer.texts).toEqual(['same', 'same'])
  })

  test('more files than may be open at once', async () => {
    for (let index = 0; index < 150; index++) await writeFile(at(`${index}.jsonl`), `${index}\n`)
    await start({ follow: false }).ended
    expect(consumer.texts.toSorted()).toEqual(Array.from({ length: 150 }, (_, index) => `${index}`).toSorted())
  })
})

describe('following', () => {
  test('lines, files and directories that come later', async () => {
    await writeFile(at('a.jsonl'), 'a1\n')
    start({ include: [at('**/*.jsonl')] })
    await expectLines('a1')
    await appendFile(at('a.jsonl'), 'a2\n')
    await expectLines('a1', 'a2')
    await writeFile(at('b.jsonl'), 'b1\n')
    await expectLines('a1', 'a2', 'b1')
    await mkdir(at('new/deep'), { recursive: true })
    await writeFile(at('new/deep/c.jsonl'), 'c1\n')
    await expectLines('a1', 'a2', 'b1', 'c1')
    await appendFile(at('new/deep/c.jsonl'), 'c2\n')
    await expectLines('a1', 'a2', 'b1', 'c1', 'c2')
  })

  test('an appended line is seen without waiting for the next look', async () => {
    await writeFile(at('a.jsonl'), 'a1\n')
    start({ pollIntervalMs: 1_000_000 })
    await expectLines('a1')
    await appendFile(at('a.jsonl'), 'a2\n')
    await expectLines('a1', 'a2')
    await writeFile(at('b.jsonl'), 'b1\n')
    await expectLines('a1', 'a2', 'b1')
  })

  test('a folder that does not exist yet', async () => {
    start({ include: [at('later/*.jsonl')] })
    await scanned()
    await mkdir(at('later'))
    await writeFile(at('later/a.jsonl'), 'a1\n')
    await expectLines('a1')
  })

  test('half a line is kept back until its end comes', async () => {
    await writeFile(at('a.jsonl'), '{"a":')
    start()
    await scanned()
    await appendFile(at('a.jsonl'), '1}')
    await scanned()
    expect(consumer.texts).toEqual([])
    await appendFile(at('a.jsonl'), '\r\n{"b"')
    await expectLines('{"a":1}')
  })

  test('a scan is reported with the time before it looked, after its lines were delivered', async () => {
    await writeFile(at('a.jsonl'), 'a1\n')
    const seen: [scannedMs: number, lines: number][] = []
    let nowMs = 1000
    start({ now: () => nowMs++, scanned: (startedAtMs) => seen.push([startedAtMs, consumer.texts.length]) })
    await expect.poll(() => seen.length).toBeGreaterThan(1)
    expect(seen.slice(0, 2)).toEqual([
      [1000, 1],
      [1001, 1],
    ])
  })

  test('a large file does not keep the others waiting', async () => {
    await writeFile(at('large.jsonl'), 'x\n')
    await writeFile(at('small.jsonl'), 'y\n')
    start({ maxBatchLines: 100_000 })
    await scanned()
    const gate = Promise.withResolvers<void>()
    consumer.gate = gate.promise
    await appendFile(at('large.jsonl'), `${'z'.repeat(999)}\n`.repeat(12_000))
    await appendFile(at('small.jsonl'), 'last\n')
    gate.resolve()
    await expect.poll(() => consumer.texts.length, { timeout: 5000 }).toBe(12_003)
    expect(consumer.texts.indexOf('last')).toBeLessThan(10_000)
  })
})

describe('files that move, shrink and go', () => {
  test('a renamed file is read on to its end, then the new one under its name', async () => {
    await writeFile(at('a.jsonl'), 'old1\n')
    start()
    await expectLines('old1')
    await rename(at('a.jsonl'), at('a.jsonl.1'))
    await appendFile(at('a.jsonl.1'), 'old2\n')
    await writeFile(at('a.jsonl'), 'new1\n')
    await expectLines('old1', 'old2', 'new1')
    expect(events).toEqual([])
  })

  test('a renamed file that still matches is not read again, neither at once nor after a restart', async () => {
    await writeFile(at('a.jsonl'), 'a1\n')
    start()
    await expectLines('a1')
    await rename(at('a.jsonl'), at('b.jsonl'))
    await appendFile(at('b.jsonl'), 'a2\n')
    await expectLines('a1', 'a2')
    await stopAll()
    await rename(at('b.jsonl'), at('c.jsonl'))
    await appendFile(at('c.jsonl'), 'a3\n')
    start()
    await expectLines('a1', 'a2', 'a3')
  })

  test('a deleted file is read to its end, its last line too if it is whole', async () => {
    await writeFile(at('a.jsonl'), 'a1\n')
    await writeFile(at('b.jsonl'), 'b1\n')
    start()
    await scanned()
    await appendFile(at('a.jsonl'), 'a2\n{"a":3}')
    await appendFile(at('b.jsonl'), '{"b":')
    await unlink(at('a.jsonl'))
    await unlink(at('b.jsonl'))
    await expectLines('a1', 'b1', 'a2', '{"a":3}')
    await expect.poll(() => consumer.partial).toEqual(['{"b":'])
    expect(events).toEqual([])
  })

  test('a file that is replaced is another file, even with the same start', async () => {
    await writeFile(at('a.jsonl'), 'a1\na2\n')
    start()
    await expectLines('a1', 'a2')
    await writeFile(at('tmp'), 'a1\na2\na3\n')
    await rename(at('tmp'), at('a.jsonl'))
    await expectLines('a1', 'a2', 'a1', 'a2', 'a3')
  })

  test('a truncated file is read from its start', async () => {
    await writeFile(at('a.jsonl'), 'a1\na2\n')
    start()
    await expectLines('a1', 'a2')
    await truncate(at('a.jsonl'), 0)
    await appendFile(at('a.jsonl'), 'b1\n')
    await expectLines('a1', 'a2', 'b1')
    expect(events).toEqual(['truncated a.jsonl'])
  })

  test('copy and truncate with a writer that goes on at its old place', async () => {
    await writeFile(at('a.jsonl'), 'a1\na2\n')
    start()
    await expectLines('a1', 'a2')
    await copyFile(at('a.jsonl'), at('a.jsonl.1'))
    await writeFile(at('a.jsonl'), `${'\0'.repeat(6)}a3\n`)
    await expectLines('a1', 'a2', 'a3')
    // The two steps of such a writer may be seen apart or as one.
    expect(events).toEqual([expect.stringMatching(/^(truncated|rewritten) a\.jsonl$/)])
  })

  test('a file that is written anew is read from its start, even when its size stays', async () => {
    await writeFile(at('a.jsonl'), 'a1\n')
    start()
    await expectLines('a1')
    await writeFile(at('a.jsonl'), 'b1\n')
    await expectLines('a1', 'b1')
    await stopAll()
    await writeFile(at('a.jsonl'), 'c1\nc2\n')
    start()
    await expectLines('a1', 'b1', 'c1', 'c2')
  })

  test('a folder that is deleted and made again', async () => {
    await mkdir(at('x'))
    await writeFile(at('x/a.jsonl'), 'a1\n')
    start({ include: [at('x/*.jsonl')] })
    await expectLines('a1')
    await rm(at('x'), { recursive: true })
    await scanned()
    await mkdir(at('x'))
    await writeFile(at('x/b.jsonl'), 'b1\n')
    await expectLines('a1', 'b1')
    await appendFile(at('x/b.jsonl'), 'b2\n')
    await expectLines('a1', 'b1', 'b2')
  })
})

describe('files that cannot be read', () => {
  test('are named once; the others are read; when they can be read, they are', async () => {
    await mkdir(at('a.jsonl'))
    await writeFile(at('b.jsonl'), 'b1\n')
    await symlink(at('loop.jsonl'), at('loop.jsonl'))
    start()
    await expectLines('b1')
    await scanned(3)
    expect(events.toSorted()).toEqual(['unreadable a.jsonl', 'unreadable loop.jsonl'])
    await rm(at('a.jsonl'), { recursive: true })
    await writeFile(at('a.jsonl'), 'a1\n')
    await expectLines('b1', 'a1')
  })

  test('a named pipe is not waited for', async () => {
    execFileSync('mkfifo', [at('pipe.jsonl')])
    await writeFile(at('b.jsonl'), 'b1\n')
    await start({ follow: false }).ended
    expect(consumer.texts).toEqual(['b1'])
    expect(events).toEqual(['unreadable pipe.jsonl'])
  })
})

describe('delivery', () => {
  test('a refused batch is offered again and nothing is skipped', async () => {
    consumer.refusals = 2
    await writeFile(at('a.jsonl'), 'a1\na2\n')
    start()
    await scanned(1)
    expect(consumer.texts).toEqual(['a1', 'a2'])
  })

  test('while a batch is refused the position stays, and stopping does not wait', async () => {
    consumer.refusals = Number.POSITIVE_INFINITY
    await writeFile(at('a.jsonl'), 'a1\n')
    start()
    await expect.poll(() => consumer.attempts, { interval: 10 }).toBeGreaterThan(1)
    await stopAll()
    expect(positions.entries.size).toBe(0)
    consumer = new RecordingConsumer()
    start()
    await expectLines('a1')
  })

  test('a restart goes on where the last one stopped', async () => {
    await writeFile(at('a.jsonl'), 'a1\na2\n{"half"')
    start()
    await expectLines('a1', 'a2')
    await stopAll()
    await appendFile(at('a.jsonl'), ':1}\na3\n')
    start()
    await expectLines('a1', 'a2', '{"half":1}', 'a3')
    expect([...positions.entries.values()]).toMatchObject([{ path: at('a.jsonl'), offset: 20 }])
  })

  test('the position of a file that is away for a while is kept', async () => {
    await writeFile(at('a.jsonl'), 'a1\n')
    start()
    await expectLines('a1')
    await rename(at('a.jsonl'), at('away'))
    await scanned(6)
    expect([...positions.entries.values()]).toMatchObject([{ goneSinceMs: expect.any(Number) }])
    await rename(at('away'), at('a.jsonl'))
    await appendFile(at('a.jsonl'), 'a2\n')
    await expectLines('a1', 'a2')
    expect([...positions.entries.values()]).toEqual([expect.not.objectContaining({ goneSinceMs: expect.anything() })])
  })
})

test('nothing stays open after stop', async () => {
  const before = process.getActiveResourcesInfo().length
  await mkdir(at('x/y'), { recursive: true })
  await writeFile(at('x/y/a.jsonl'), 'a1\n')
  start({ include: [at('**/*.jsonl')], pollIntervalMs: 1_000_000 })
  await expectLines('a1')
  await stopAll()
  await expect.poll(() => process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before)
})
