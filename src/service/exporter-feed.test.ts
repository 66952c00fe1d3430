import { expect, test } from 'vitest'
import type { Consumer } from '../component.ts'
import type { Assessment } from '../model/assessment.ts'
import { ledgerLine } from '../report/ledger-line.fixture.ts'
import { ExporterFeed, type LedgerReader } from './exporter-feed.ts'
import type { LedgerEntry } from './feed.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

function entries(from: number, to: number): LedgerEntry[] {
  return Array.from({ length: to - from }, (_, n) => ({
    assessment: { line: ledgerLine({ session_id: `s${from + n}` }), live: false },
    endOffset: from + n + 1,
  }))
}

/** A ledger of lines that are one byte long; @param bad offsets of lines that are none, as an editor may leave them */
function ledgerOf(
  length: number,
  cursor: number,
  bad: readonly number[] = [],
): LedgerReader & { length: number; cursor: number } {
  const ledger = {
    length,
    cursor,
    endOffset: () => ledger.length,
    async *replay(fromOffset: number) {
      for (let offset = fromOffset; offset < ledger.length; offset++) {
        if (!bad.includes(offset)) yield* entries(offset, offset + 1)
      }
    },
    cursorOf: () => ledger.cursor,
    moveCursor: (_exporter: string, offset: number) => {
      ledger.cursor = offset
    },
  }
  return ledger
}

function exporter(failures = 0): Consumer<'assessment'> & { readonly got: Assessment[] } {
  const got: Assessment[] = []
  let left = failures
  return {
    got,
    async start() {},
    async stop() {},
    async consume(batch) {
      if (left-- > 0) throw new Error('not reachable')
      got.push(...batch)
    },
  }
}

const ids = (got: readonly Assessment[]): string[] => got.map(({ line }) => line.session_id)

test('what is committed reaches the exporter once and moves its cursor', async () => {
  const ledger = ledgerOf(0, 0)
  const consumer = exporter()
  const feed = new ExporterFeed({ id: 'markdown', consumer, ledger, log: SILENT })
  feed.start()
  ledger.length = 3
  feed.offer(entries(0, 3))
  await feed.drained()
  expect([ids(consumer.got), ledger.cursor]).toEqual([['s0', 's1', 's2'], 3])
})

test('what an earlier run did not export comes first, marked as replayed', async () => {
  const ledger = ledgerOf(3, 1)
  const consumer = exporter()
  const feed = new ExporterFeed({ id: 'markdown', consumer, ledger, log: SILENT })
  feed.start()
  await feed.drained()
  ledger.length = 4
  feed.offer(entries(3, 4))
  await feed.drained()
  expect(consumer.got.map(({ line, replayed }) => [line.session_id, replayed])).toEqual([
    ['s1', true],
    ['s2', true],
    ['s3', undefined],
  ])
})

test('it gets past lines at the end of the ledger that are none', async () => {
  const ledger = ledgerOf(4, 0, [1, 3])
  const consumer = exporter()
  const feed = new ExporterFeed({ id: 'markdown', consumer, ledger, log: SILENT })
  feed.start()
  await feed.drained()
  expect([ids(consumer.got), ledger.cursor]).toEqual([['s0', 's2'], 4])
})

test('what is committed while it catches up is neither lost nor sent twice', async () => {
  const ledger = ledgerOf(2, 0)
  const consumer = exporter()
  const feed = new ExporterFeed({ id: 'markdown', consumer, ledger, log: SILENT })
  feed.start()
  ledger.length = 4
  feed.offer(entries(2, 4))
  await feed.drained()
  expect(ids(consumer.got)).toEqual(['s0', 's1', 's2', 's3'])
})

test('what it found in the ledger when it caught up is not sent again when it is offered', async () => {
  const ledger = ledgerOf(2, 0)
  const consumer = exporter()
  const feed = new ExporterFeed({ id: 'jsonl', consumer, ledger, log: SILENT })
  feed.start()
  await feed.drained()
  ledger.length = 3
  feed.offer(entries(1, 3))
  await feed.drained()
  expect([ids(consumer.got), ledger.cursor]).toEqual([['s0', 's1', 's2'], 3])
})

test('an exporter that fails gets the same batch again, and its cursor waits', async () => {
  const ledger = ledgerOf(0, 0)
  const consumer = exporter(1)
  const feed = new ExporterFeed({ id: 'signoz', consumer, ledger, log: SILENT })
  ledger.length = 2
  feed.offer(entries(0, 2))
  expect(ledger.cursor).toBe(0)
  await feed.drained()
  expect([ids(consumer.got), ledger.cursor]).toEqual([['s0', 's1'], 2])
})

test('one that falls far behind reads from the ledger instead of memory', async () => {
  const ledger = ledgerOf(0, 0)
  const consumer = exporter()
  const feed = new ExporterFeed({ id: 'signoz', consumer, ledger, log: SILENT })
  ledger.length = 5000
  feed.offer(entries(0, 5000))
  await feed.drained()
  expect([consumer.got.length, ledger.cursor, consumer.got[0]?.replayed]).toEqual([5000, 5000, true])
})

test('stopping ends the retries and leaves the rest before the cursor', async () => {
  const ledger = ledgerOf(0, 0)
  const consumer = exporter(Number.POSITIVE_INFINITY)
  const feed = new ExporterFeed({ id: 'signoz', consumer, ledger, log: SILENT })
  ledger.length = 1
  feed.offer(entries(0, 1))
  feed.stop()
  await feed.drained()
  expect([consumer.got, ledger.cursor]).toEqual([[], 0])
})

test('one that is given up says why, gets nothing more, and its cursor waits', async () => {
  const ledger = ledgerOf(0, 0)
  const consumer = exporter(Number.POSITIVE_INFINITY)
  const feed = new ExporterFeed({ id: 'signoz', consumer, ledger, log: SILENT, maxAttempts: 2 })
  ledger.length = 1
  feed.offer(entries(0, 1))
  await feed.drained()
  ledger.length = 2
  feed.offer(entries(1, 2))
  await feed.drained()
  expect(feed.givenUp?.message).toBe('exporter signoz: exporting failed 2 times, at last with Error: not reachable')
  expect([consumer.got, ledger.cursor]).toEqual([[], 0])
})

test('a mistake in the program is not tried again where attempts are bounded', async () => {
  const ledger = ledgerOf(3, 0)
  const consumer = { ...exporter(), consume: () => Promise.reject(new TypeError('x is undefined')) }
  const feed = new ExporterFeed({ id: 'markdown', consumer, ledger, log: SILENT, maxAttempts: 100 })
  feed.start()
  await feed.drained()
  expect(feed.givenUp?.message).toBe('exporter markdown: exporting failed once, at last with TypeError: x is undefined')
})

test('there is room again when a slow exporter has taken what waits', async () => {
  const ledger = ledgerOf(0, 0)
  const taken = Promise.withResolvers<void>()
  const got: Assessment[] = []
  const consumer: Consumer<'assessment'> = {
    async start() {},
    async stop() {},
    async consume(batch) {
      await taken.promise
      got.push(...batch)
    },
  }
  const feed = new ExporterFeed({ id: 'markdown', consumer, ledger, log: SILENT })
  feed.start()
  ledger.length = 500
  feed.offer(entries(0, 500))
  let room = false
  const waiting = feed.room().then(() => {
    room = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(room).toBe(false)
  taken.resolve()
  await waiting
  expect(got.length).toBeGreaterThanOrEqual(200)
  expect(got.length).toBeLessThan(500)
  await feed.drained()
  expect(got.length).toBe(500)
})

test('nobody waits for an exporter that fails', async () => {
  const ledger = ledgerOf(0, 0)
  const feed = new ExporterFeed({ id: 'signoz', consumer: exporter(Infinity), ledger, log: SILENT })
  feed.start()
  ledger.length = 500
  feed.offer(entries(0, 500))
  await feed.room()
  expect(ledger.cursor).toBe(0)
  feed.stop()
  await feed.drained()
})
