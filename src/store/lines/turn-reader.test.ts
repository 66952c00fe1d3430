import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LineFile } from './line-file.ts'
import { PlainSource } from './plain-source.ts'
import type { FilePosition } from './position.ts'
import { RecordingConsumer } from './recording-consumer.fixture.ts'
import { type Turn, type TurnEnd, TurnReader } from './turn-reader.ts'

const CHUNK_BYTES = 256
const WHOLE: Turn = { untilBytes: Number.POSITIVE_INFINITY, budgetBytes: Number.POSITIVE_INFINITY, final: false }
const FINAL: Turn = { ...WHOLE, final: true }

let folder: string
let path: string
let consumer: RecordingConsumer
let events: string[]
let position: FilePosition | undefined
let stopAfterBatches: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-turns-'))
  path = join(folder, 'x.jsonl')
  consumer = new RecordingConsumer()
  events = []
  position = undefined
  stopAfterBatches = Number.POSITIVE_INFINITY
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

function reader(limits = {}, chunkBytes = CHUNK_BYTES): TurnReader {
  return new TurnReader({
    limits: { maxLines: 5, maxLineBytes: 2000, ...limits },
    deliver: async () => {
      await consumer.deliver()
      return true
    },
    stopped: () => consumer.batches.length >= stopAfterBatches,
    advanced: (file) => {
      position = file.position()
    },
    onEvent: (event, _, detail) => events.push(`${event} ${detail}`),
    chunkBytes,
  })
}

/** Reads as after a restart: from the position that was stored last. */
async function read(turn: Turn = WHOLE, turns = reader()): Promise<TurnEnd> {
  const source = new PlainSource(path)
  try {
    return await turns.read(new LineFile('id', path, consumer.sinkFor(path), position), source, turn)
  } finally {
    source.close()
  }
}

function expectNoLoss(lines: readonly string[], content: Buffer): void {
  expect(consumer.texts).toEqual(lines)
  for (const { text, byteOffset } of consumer.delivered) {
    expect(content.toString('utf8', byteOffset, byteOffset + Buffer.byteLength(text))).toBe(text)
  }
}

describe('lines of every length around the borders of chunks', () => {
  const borders = [
    1, 2, 63, 64, 65, 127, 128, 191, 192, 193, 254, 255, 256, 257, 258, 511, 512, 513, 1023, 1024, 1999, 2000,
  ]

  test.for(borders)('%i bytes', async (length) => {
    const lines = [length, 3, length, length, 1, length].map((size, index) => String(index).repeat(size))
    for (const end of ['\n', '\r\n']) {
      const content = Buffer.from(lines.map((line) => line + end).join(''))
      await writeFile(path, content)
      consumer = new RecordingConsumer()
      position = undefined
      expect(await read(WHOLE, reader({ maxLineBytes: 2001 }))).toBe('end')
      expectNoLoss(lines, content)
      expect(position).toMatchObject({ offset: content.length })
    }
  })

  test.for([1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_000, 16 * 1024 * 1024])(
    '%i bytes with the chunks that are really used',
    async (length) => {
      const lines = ['a', 'ä'.repeat(length / 2) + 'b'.repeat(length % 2), 'c']
      const content = Buffer.from(`${lines.join('\n')}\n`)
      await writeFile(path, content)
      await read(WHOLE, reader({ maxLineBytes: 16 * 1024 * 1024 }, 1024 * 1024))
      expectNoLoss(lines, content)
      expect(consumer.tooLong).toEqual([])
    },
  )
})

describe('lines that are too long', () => {
  test.for([2001, 2002, 2400, 4096, 20_000])('%i bytes where 2000 are allowed', async (length) => {
    await writeFile(path, `before\n${'x'.repeat(length)}\nafter\n`)
    await read()
    expect(consumer.texts).toEqual(['before', 'after'])
    expect(consumer.tooLong).toEqual([{ byteOffset: 7, bytes: length }])
  })

  test('20 MiB are skipped in constant memory, also when they come bit by bit', async () => {
    const turns = reader({ maxLineBytes: 100_000 }, 1024 * 1024)
    await writeFile(path, 'before\n')
    const file = new LineFile('id', path, consumer.sinkFor(path), undefined)
    const source = new PlainSource(path)
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    const before = process.memoryUsage().arrayBuffers
    for (let part = 0; part < 20; part++) {
      await appendFile(path, megabyte)
      await turns.read(file, source, WHOLE)
      expect(position).toMatchObject({ offset: 7 })
    }
    await appendFile(path, '\nafter\n')
    await turns.read(file, source, WHOLE)
    source.close()
    expect(consumer.texts).toEqual(['before', 'after'])
    expect(consumer.tooLong).toEqual([{ byteOffset: 7, bytes: 20 * 1024 * 1024 }])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })

  test('when the line never ends, it is counted once the file gets no more', async () => {
    await writeFile(path, `a\n${'x'.repeat(5000)}`)
    await read()
    expect(consumer.tooLong).toEqual([])
    await read(FINAL)
    expect(consumer.tooLong).toEqual([{ byteOffset: 2, bytes: 5000 }])
  })
})

describe('the end of a file', () => {
  test.for<{ name: string; rest: string; lines: string[]; partial: string[]; offset: number }>([
    { name: 'a whole record', rest: '{"b":2}', lines: ['{"a":1}', '{"b":2}'], partial: [], offset: 15 },
    { name: 'a cut record', rest: '{"b":', lines: ['{"a":1}'], partial: ['{"b":'], offset: 8 },
    { name: 'nothing', rest: '', lines: ['{"a":1}'], partial: [], offset: 8 },
    { name: 'white space', rest: ' \r', lines: ['{"a":1}'], partial: [], offset: 10 },
  ])('behind the last line end: $name', async ({ rest, lines, partial, offset }) => {
    await writeFile(path, `{"a":1}\n${rest}`)
    await read()
    expect(consumer.texts).toEqual(['{"a":1}'])
    expect(position).toMatchObject({ offset: 8 })
    await read(FINAL)
    expect(consumer.texts).toEqual(lines)
    expect(consumer.partial).toEqual(partial)
    expect(position).toMatchObject({ offset })
  })

  test('a byte order mark is no part of the first line, also if that is the only one and unfinished', async () => {
    await writeFile(path, '\ufeff{"a":1}')
    await read(FINAL)
    expect(consumer.texts).toEqual(['{"a":1}'])
  })

  test('a line is handed out when its end comes', async () => {
    await writeFile(path, '{"a"')
    await read()
    await appendFile(path, ':1}')
    await read()
    expect(consumer.texts).toEqual([])
    await appendFile(path, '\n{')
    await read()
    expect(consumer.texts).toEqual(['{"a":1}'])
  })
})

describe('a file that changed behind its position', () => {
  const OLD = 'first\nsecond\n'

  test.for<{ name: string; content: string; lines: string[]; event: string | undefined }>([
    { name: 'it only grew', content: `${OLD}third\n`, lines: ['third'], event: undefined },
    { name: 'it became shorter', content: 'new\n', lines: ['new'], event: 'truncated 13 bytes' },
    { name: 'it became empty', content: '', lines: [], event: 'truncated 13 bytes' },
    {
      name: 'it was written anew and is longer',
      content: 'other\nthings\nhere\n',
      lines: ['other', 'things', 'here'],
      event: 'rewritten 13 bytes',
    },
    {
      name: 'it was written anew and is as long',
      content: 'First\nsecond\n',
      lines: ['First', 'second'],
      event: 'rewritten 13 bytes',
    },
  ])('$name', async ({ content, lines, event }) => {
    await writeFile(path, OLD)
    await read()
    consumer = new RecordingConsumer()
    await writeFile(path, content)
    await read()
    expect(consumer.texts).toEqual(lines)
    expect(events).toEqual(event === undefined ? [] : [event])
  })

  test('the end of what was read is compared even where the start is the same', async () => {
    const start = `${'same\n'.repeat(100)}`
    await writeFile(path, `${start}old\n`)
    await read()
    consumer = new RecordingConsumer()
    await writeFile(path, `${start}new\nmore\n`)
    await read()
    expect(consumer.texts).toHaveLength(102)
    expect(events).toEqual(['rewritten 504 bytes'])
  })

  test('the start is compared even where the end of what was read is the same', async () => {
    const line = (id: number): string => `{"id":${id},"end":"${'alike'.repeat(20)}"}\n`
    await writeFile(path, line(1) + line(2))
    await read()
    consumer = new RecordingConsumer()
    await writeFile(path, line(3) + line(4) + line(5))
    await read()
    expect(consumer.texts).toHaveLength(3)
    expect(events).toEqual(['rewritten 236 bytes'])
  })

  test('a part of a line that is cut off again was never handed out', async () => {
    await writeFile(path, 'first\n{"half')
    await read()
    await truncate(path, 6)
    await appendFile(path, 'second\n')
    await read()
    expect(consumer.texts).toEqual(['first', 'second'])
    expect(events).toEqual([])
  })
})

describe('limits of a turn', () => {
  const LINES = Array.from({ length: 100 }, (_, index) => `line ${index}`)

  beforeEach(async () => {
    await writeFile(path, `${LINES.join('\n')}\n`)
  })

  test('batches have at most as many lines as asked for', async () => {
    await read()
    expect(consumer.texts).toEqual(LINES)
    expect(Math.max(...consumer.batches)).toBe(5)
  })

  test('a budget ends the turn, and the next one goes on there', async () => {
    let turns = 0
    while ((await read({ ...WHOLE, budgetBytes: 100 })) === 'budget') turns++
    expect(turns).toBeGreaterThan(2)
    expect(consumer.texts).toEqual(LINES)
  })

  test('no line is handed out that starts behind the known size; the one across it is', async () => {
    expect(await read({ ...FINAL, untilBytes: 10 })).toBe('until')
    expect(consumer.texts).toEqual(['line 0', 'line 1'])
  })

  test('stopping takes effect after a batch', async () => {
    stopAfterBatches = 3
    expect(await read()).toBe('stopped')
    expect(consumer.texts).toEqual(LINES.slice(0, 15))
    stopAfterBatches = Number.POSITIVE_INFINITY
    await read()
    expect(consumer.texts).toEqual(LINES)
  })
})

describe('gzip files', () => {
  const LINES = Array.from({ length: 300 }, (_, index) => `{"line":${index},"text":"${'ä'.repeat(index % 90)}"}`)
  const CONTENT = `${LINES.join('\n')}\n`

  test('are read whole, whatever their name', async () => {
    await writeFile(path, gzipSync(CONTENT))
    await read()
    expectNoLoss(LINES, Buffer.from(CONTENT))
  })

  test('go on within their content after a restart', async () => {
    await writeFile(path, gzipSync(CONTENT))
    stopAfterBatches = 7
    expect(await read()).toBe('stopped')
    stopAfterBatches = Number.POSITIVE_INFINITY
    await read()
    expectNoLoss(LINES, Buffer.from(CONTENT))
    expect(position?.gzipBytes).toBeGreaterThan(100)
  })

  test('may have several members, also one that was appended later', async () => {
    await writeFile(path, Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]))
    await read()
    await appendFile(path, gzipSync('c\n'))
    await read()
    expect(consumer.texts).toEqual(['a', 'b', 'c'])
  })

  test('give their last line also without a line end, since they get no more', async () => {
    await writeFile(path, gzipSync('{"a":1}\n{"b":2}'))
    await read()
    expect(consumer.texts).toEqual(['{"a":1}', '{"b":2}'])
  })

  test.for([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 40), 'Z_BUF_ERROR', 200],
    ['damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(8, 7)]), 'Z_DATA_ERROR', 0],
  ] as const)('that are %s give what comes before, and are named', async ([, harm, code, atLeast]) => {
    await writeFile(path, harm(gzipSync(CONTENT)))
    expect(await read()).toBe('end')
    expect(consumer.texts.length).toBeGreaterThanOrEqual(atLeast)
    expect(consumer.texts).toEqual(LINES.slice(0, consumer.texts.length))
    expect(consumer.partial).toEqual([])
    expect(events).toEqual([`corrupt_gzip ${code}`])
    await writeFile(path, gzipSync(CONTENT))
    await read()
    expectNoLoss(LINES, Buffer.from(CONTENT))
  })

  test('have the same limit for lines', async () => {
    await writeFile(path, gzipSync(`a\n${'x'.repeat(9000)}\n${'y'.repeat(1999)}\n${'z'.repeat(3000)}`))
    await read()
    expect(consumer.texts).toEqual(['a', 'y'.repeat(1999)])
    expect(consumer.tooLong.map(({ bytes }) => bytes)).toEqual([9000, 3000])
  })
})
