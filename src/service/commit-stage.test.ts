import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Processor } from '../component.ts'
import type { Assessment } from '../model/assessment.ts'
import { ledgerLine } from '../report/ledger-line.fixture.ts'
import { type CommitLedger, CommitStage } from './commit-stage.ts'
import type { Feed, LedgerEntry } from './feed.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

function assessment(id: string, live = false): Assessment {
  return { line: ledgerLine({ session_id: id }), live }
}

/** A ledger whose sync takes as long as the test wants; it notes what was durable when. */
function ledger() {
  const lines: string[] = []
  const state = { durable: 0, lines, finishSync: () => {}, failures: 0, withHistory: [] as (boolean | undefined)[] }
  const writer: CommitLedger = {
    async commit(assessments, { withHistory }) {
      state.withHistory.push(withHistory)
      return assessments.map((each) => {
        lines.push(each.line.session_id)
        return { assessment: each, endOffset: lines.length }
      })
    },
    endOffset: () => lines.length,
    async sync() {
      if (state.failures-- > 0) throw new Error('disk full')
      const upTo = lines.length
      await new Promise<void>((resolve) => {
        state.finishSync = resolve
      })
      state.durable = upTo
    },
  }
  return { state, writer }
}

function feed(readsHistory = false): Feed & { readonly got: LedgerEntry[] } {
  const got: LedgerEntry[] = []
  return {
    got,
    readsHistory,
    start() {},
    offer: (entries) => got.push(...entries),
    room: async () => {},
    givenUp: undefined,
    drained: async () => {},
    stop() {},
  }
}

test('exporters get nothing that is not durable, also when more is committed meanwhile', async () => {
  const { state, writer } = ledger()
  const exporter = feed()
  const stage = new CommitStage(writer, [], [exporter], SILENT, () => {})
  await stage.take([assessment('s1')])
  const flushed = stage.flush()
  await Promise.resolve()
  await stage.take([assessment('s2')])
  await Promise.resolve()
  state.finishSync()
  await flushed
  expect(exporter.got.map(({ endOffset }) => endOffset)).toEqual([1])
  expect(state.durable).toBe(1)
})

test('what could not be made durable is handed on when it can', async () => {
  const { state, writer } = ledger()
  state.failures = 1
  const exporter = feed()
  const stage = new CommitStage(writer, [], [exporter], SILENT, () => {})
  await stage.take([assessment('s1')])
  await expect(stage.flush()).rejects.toThrow('disk full')
  const again = stage.flush()
  await setImmediate()
  state.finishSync()
  await again
  expect(exporter.got.length).toBe(1)
})

test('live assessments enter neither ledger nor exporters', async () => {
  const { state, writer } = ledger()
  const stage = new CommitStage(writer, [], [], SILENT, () => {})
  await stage.take([assessment('s1', true)])
  expect(state.lines).toEqual([])
})

/** Cannot write its projections so often, and takes so many turns of the event loop each time; notes what it was told of. */
function projector(failures: number, turns = 0) {
  const told: string[][] = []
  const processor: Processor<'assessment'> = {
    async start() {},
    async stop() {},
    async consume() {},
    async committed(batch) {
      const isFailing = told.push(batch.map(({ line }) => line.session_id)) <= failures
      for (let turn = 0; turn < turns; turn++) await setImmediate()
      if (isFailing) throw new Error('disk full')
    },
  }
  return { told, processor }
}

async function commitOne(stage: CommitStage, id: string, finishSync: () => void): Promise<void> {
  await stage.take([assessment(id)])
  let isFlushed = false
  const flushed = stage.flush().then(() => {
    isFlushed = true
  })
  while (!isFlushed) {
    await setImmediate()
    finishSync()
  }
  await flushed
}

test('a projection that was not written is tried again with the next sessions, and others are not', async () => {
  const { state, writer } = ledger()
  const failing = projector(1)
  const other = projector(0)
  const stage = new CommitStage(writer, [failing.processor, other.processor], [], SILENT, () => {})
  await commitOne(stage, 's1', () => state.finishSync())
  expect([stage.hasUnfinished, stage.unfinishedFrom]).toEqual([true, 0])
  await commitOne(stage, 's2', () => state.finishSync())
  expect(failing.told).toEqual([['s1'], ['s1', 's2']])
  expect(other.told).toEqual([['s1'], ['s2']])
  expect([stage.hasUnfinished, stage.unfinishedFrom]).toEqual([false, undefined])
})

test('a projection that was not written is tried again at the end; what fails then is known to the next run', async () => {
  for (const [failures, unfinishedFrom] of [
    [1, undefined],
    [2, 0],
  ] as const) {
    const { state, writer } = ledger()
    const { told, processor } = projector(failures)
    const stage = new CommitStage(writer, [processor], [], SILENT, () => {})
    await commitOne(stage, 's1', () => state.finishSync())
    await stage.stop()
    expect(told).toEqual([['s1'], ['s1']])
    expect(stage.unfinishedFrom).toBe(unfinishedFrom)
  }
})

test('what is tried again is not lost when other sessions fail meanwhile', async () => {
  const { state, writer } = ledger()
  const { told, processor } = projector(3, 20)
  const stage = new CommitStage(writer, [processor], [], SILENT, () => {})
  await commitOne(stage, 's1', () => state.finishSync())
  const drained = stage.drain()
  while (told.length < 2) await setImmediate()
  await commitOne(stage, 's2', () => state.finishSync())
  await drained
  await stage.stop()
  expect(told.at(-1)).toEqual(['s1', 's2'])
})

test.for([
  [[], false],
  [[false, false], false],
  [[false, true], true],
] as const)('feeds that read the history: %j, it is worked out: %j', async ([feeds, expected]) => {
  const { state, writer } = ledger()
  const stage = new CommitStage(writer, [], feeds.map(feed), SILENT, () => {})
  await stage.take([assessment('s1')])
  expect(state.withHistory).toEqual([expected])
})

test('sessions that come one after the other do not put off for long what follows a commit', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { state, writer } = ledger()
  const exporter = feed()
  const stage = new CommitStage(writer, [], [exporter], SILENT, () => {})
  for (let session = 1; session <= 20; session++) {
    await stage.take([assessment(`s${session}`)])
    await vi.advanceTimersByTimeAsync(20)
    state.finishSync()
  }
  await vi.advanceTimersByTimeAsync(0)
  expect(exporter.got.length).toBeGreaterThanOrEqual(10)
})
