import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { eventOf } from '#src/suggestion/suggestion-event.fixture.ts'
import { type OpenStore, openStore, type StoreMode } from './open-store.ts'
import { readLedger } from './read-ledger.ts'
import type { LedgerEntry, StateCodec } from './store.ts'

const SEED = 20261120
const NOW_MS = Date.UTC(2026, 10, 20, 12)

let directory = ''
let opened: OpenStore[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-store-'))
  opened = []
})
afterEach(async () => {
  for (const store of opened) await store.close()
  rmSync(directory, { recursive: true })
})

async function open(mode: StoreMode = 'write', at = directory): Promise<OpenStore> {
  const store = await openStore({ directory: at, mode, nowMs: () => NOW_MS })
  opened.push(store)
  return store
}

const codec: StateCodec<string> = {
  encode: (state) => state,
  decode: (text) => text,
  meta: (state) => ({ phase: 'open', startMs: 0, endMs: state.length, endSignalled: false }),
  close() {},
}

const assessment = (id: string, revision = 1, value = 0.5, agent = 'a'): Assessment => ({
  live: false,
  line: ledgerLine({ session_id: id, revision, agent_type: agent, kpis: { error_rate: value } }),
})
const ledgerPath = () => join(directory, 'history', 'kpis.jsonl')
const checkpointPath = () => join(directory, '.agentperf', 'checkpoint.json')
const ledgerIds = () =>
  readFileSync(ledgerPath(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text).session_id)

async function collect(entries: AsyncIterable<LedgerEntry>): Promise<LedgerEntry[]> {
  const all: LedgerEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

test('a commit appends, gives each assessment its history and where its line ends', async () => {
  const store = await open()
  const [first, second] = await store.commit([assessment('x', 1, 0.1), assessment('y', 1, 0.3)])
  expect(first?.assessment.history).toEqual({ error_rate: { rank: 0.5, count: 1, recent: [0.1] } })
  expect(second?.assessment.history).toEqual({ error_rate: { rank: 0.25, count: 2, recent: [0.1, 0.3] } })
  const bytes = readFileSync(ledgerPath())
  expect([first?.endOffset, second?.endOffset]).toEqual([bytes.indexOf(10) + 1, bytes.length])
  expect(store.endOffset()).toBe(bytes.length)
  expect(readLedger({ directory })).toEqual([second?.assessment.line, first?.assessment.line])
})

test('a commit whose history nobody reads is the same but for it', async () => {
  const store = await open()
  const [first] = await store.commit([assessment('x', 1, 0.1)], { withHistory: false })
  const [second] = await store.commit([assessment('y', 1, 0.3)])
  expect(Object.keys(first?.assessment ?? {})).toEqual(['live', 'line', 'sessionsSoFar'])
  expect(second?.assessment.history).toEqual({ error_rate: { rank: 0.25, count: 2, recent: [0.1, 0.3] } })
})

test('a revision that is in the ledger is left out, also after a restart and within one call', async () => {
  const store = await open()
  await store.commit([assessment('x'), assessment('y'), assessment('x'), assessment('x', 2)])
  expect(await store.commit([assessment('x', 2), assessment('x')])).toEqual([])
  await store.close()
  const again = await open()
  const committed = await again.commit([assessment('y'), assessment('z'), assessment('x', 3)])
  expect(committed.map((entry) => entry.assessment.line.session_id)).toEqual(['z', 'x'])
  expect(ledgerIds()).toEqual(['x', 'y', 'x', 'z', 'x'])
})

test('a live assessment and one that could not be read back are refused, and nothing is written', async () => {
  const store = await open()
  await expect(store.commit([assessment('x'), { ...assessment('y'), live: true }])).rejects.toThrow('live')
  await expect(store.commit([assessment('x', 1, Number.NaN)])).rejects.toThrow('finite')
  expect(store.endOffset()).toBe(0)
  expect(store.history.knows('x')).toBe(false)
})

test('what is replayed from any offset is what was committed after it', async () => {
  const picks = fc.array(
    fc.record({
      session: fc.nat(8),
      agent: fc.constantFrom('a', 'b'),
      value: fc.constantFrom(0, 0.25, 0.5, 1),
      restart: fc.nat(9),
    }),
    { minLength: 1, maxLength: 25, size: 'max' },
  )
  let place = 0
  await fc.assert(
    fc.asyncProperty(picks, async (all) => {
      place += 1
      const at = join(directory, String(place))
      let store = await openStore({ directory: at, mode: 'write', nowMs: () => NOW_MS })
      const committed: LedgerEntry[] = []
      for (const [number, { session, agent, value, restart }] of all.entries()) {
        committed.push(...(await store.commit([assessment(`s${session}`, number + 1, value, agent)])))
        if (restart > 0) continue
        await store.close()
        store = await openStore({ directory: at, mode: 'write', nowMs: () => NOW_MS })
      }
      const replayed = committed.map(({ assessment: one, endOffset }) => ({
        assessment: { ...one, replayed: true },
        endOffset,
      }))
      for (let from = 0; from <= committed.length; from += 1) {
        const offset = committed[from - 1]?.endOffset ?? 0
        expect(await collect(store.replay(offset))).toEqual(replayed.slice(from))
      }
      await store.close()
    }),
    { seed: SEED, numRuns: 20 },
  )
})

test('a replay includes what is committed meanwhile', async () => {
  const store = await open()
  await store.commit([assessment('x')])
  const ids: string[] = []
  for await (const { assessment: one } of store.replay(0)) {
    ids.push(one.line.session_id)
    if (ids.length === 1) await store.commit([assessment('y')])
  }
  expect(ids).toEqual(['x', 'y'])
})

test('a checkpoint brings everything back together', async () => {
  const store = await open()
  store.positions.set('jsonl_file', '/a.jsonl', { offset: 7, hash: 'h' })
  store.positions.set('jsonl_file', '__proto__', 8)
  store.positions.set('jsonl_file', 'gone', 9)
  store.positions.delete('jsonl_file', 'gone')
  store.notes.set('grouping', 'held', [1, null])
  store.beforeCheckpoint(() => store.counters.set({ read: 3 }))
  const states = store.sessionStates('sessions', codec)
  states.create('open', 'one')
  const [entry] = await store.commit([assessment('x')])
  store.moveCursor('markdown', entry?.endOffset ?? 0)
  await store.checkpoint()
  states.create('after the checkpoint', 'two')
  store.positions.set('jsonl_file', '/a.jsonl', 99)

  const copy = copyOf(directory)
  const again = await open('write', copy)
  expect(again.report).toEqual([])
  expect([...again.positions.keys('jsonl_file')]).toEqual(['/a.jsonl', '__proto__'])
  expect(again.positions.get('jsonl_file', '/a.jsonl')).toEqual({ offset: 7, hash: 'h' })
  expect(again.notes.get('grouping', 'held')).toEqual([1, null])
  expect(again.counters.get()).toEqual({ read: 3 })
  expect([...again.sessionStates('sessions', codec).list()]).toEqual([['open', codec.meta('one')]])
  expect([again.cursorOf('markdown'), again.cursorOf('new')]).toEqual([entry?.endOffset, 0])
})

/** The files as a crash would leave them. */
function copyOf(from: string): string {
  const to = join(from, 'crashed')
  for (const folder of ['history', '.agentperf']) {
    mkdirSync(join(to, folder), { recursive: true })
    for (const name of readdirSync(join(from, folder))) {
      if (name !== 'lock') writeFileSync(join(to, folder, name), readFileSync(join(from, folder, name)))
    }
  }
  return to
}

test('a checkpoint that changes nothing writes nothing', async () => {
  const store = await open()
  store.sessionStates('sessions', codec).create('a', 'one')
  await store.checkpoint()
  const before = statSync(checkpointPath())
  await store.checkpoint()
  expect(statSync(checkpointPath()).ino).toBe(before.ino)
  store.positions.set('r', 'k', 1)
  await store.checkpoint()
  expect(statSync(checkpointPath()).ino).not.toBe(before.ino)
})

test('a checkpoint cut at any byte means to begin anew, with a report and without a crash', async () => {
  const store = await open()
  store.positions.set('r', 'k', 1)
  store.sessionStates('sessions', codec).create('a', 'one')
  await store.commit([assessment('x')])
  await store.close()
  const whole = readFileSync(checkpointPath())
  for (let length = 0; length < whole.length - 1; length += 1) {
    writeFileSync(checkpointPath(), whole.subarray(0, length))
    const again = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
    expect(again.report.join()).toContain('all input is read again')
    expect(again.positions.get('r', 'k')).toBeUndefined()
    expect(again.sessionStates('sessions', codec).size).toBe(0)
    expect(again.history.knows('x')).toBe(true)
    expect(readFileSync(`${checkpointPath()}.damaged`)).toEqual(whole.subarray(0, length))
    await again.close()
  }
})

test.for<{ name: string; damage: () => void; report: string }>([
  { name: 'the checkpoint is missing', damage: () => rmSync(checkpointPath()), report: 'There is no' },
  {
    name: 'the session log is missing',
    damage: () => rmSync(join(directory, '.agentperf', 'sessions-1.log')),
    report: 'session log',
  },
  {
    name: 'the ledger ends in a torn line',
    damage: () => writeFileSync(ledgerPath(), '{"sch', { flag: 'a' }),
    report: '5 bytes were cut off',
  },
  {
    name: 'the ledger lacks its last line feed',
    damage: () => writeFileSync(ledgerPath(), readFileSync(ledgerPath()).subarray(0, -1)),
    report: 'line feed',
  },
  {
    name: 'the ledger has a bad line',
    damage: () => writeFileSync(ledgerPath(), 'x\n1\n', { flag: 'a' }),
    report: '2 lines that are no ledger lines',
  },
  { name: 'the ledger is gone', damage: () => rmSync(ledgerPath()), report: 'lines were removed' },
  {
    name: 'the snapshot is damaged',
    damage: () => writeFileSync(join(directory, '.agentperf', 'snapshot.bin'), 'x'),
    report: 'snapshot',
  },
])('opening reports that $name', async ({ damage, report }) => {
  const store = await open()
  store.sessionStates('sessions', codec).create('a', 'one')
  const [entry] = await store.commit([assessment('x')])
  store.moveCursor('markdown', entry?.endOffset ?? 0)
  await store.close()
  damage()
  const again = await open()
  expect(again.report.join('\n')).toContain(report)
  expect(again.cursorOf('markdown')).toBeLessThanOrEqual(again.endOffset())
  await again.commit([assessment('y')])
  await again.close()
  expect((await open()).report).toEqual([])
})

test('a checkpoint of the first version brings its sessions back', async () => {
  const store = await open()
  store.sessionStates('sessions', codec).create('a', 'one')
  await store.close()
  const text = readFileSync(checkpointPath(), 'utf8')
  writeFileSync(checkpointPath(), text.replace(/"version":\d+/, '"version":1'))
  const again = await open()
  expect(again.report).toEqual([])
  expect(again.sessionStates('sessions', codec).get('a')?.state).toBe('one')
})

test('a checkpoint of a newer version is refused and stays', async () => {
  mkdirSync(join(directory, '.agentperf'))
  writeFileSync(checkpointPath(), '{"version":9,"surprise":1}')
  await expect(open()).rejects.toThrow(EnvironmentError)
  await expect(open()).rejects.toThrow('version 9')
  expect(readFileSync(checkpointPath(), 'utf8')).toContain('surprise')
  expect(existsSync(join(directory, '.agentperf', 'lock'))).toBe(false)
})

test('there is one writer; readers need no lock', async () => {
  const store = await open()
  await store.commit([assessment('x')])
  await expect(open()).rejects.toThrow(`process ${process.pid}`)
  await expect(open('analysis')).rejects.toThrow(EnvironmentError)
  const reader = await open('ephemeral')
  expect(reader.history.of('a')?.sessionCount).toBe(1)
  await store.close()
  await store.close()
  await open('analysis')
})

test('an ephemeral store knows the history, leaves no trace, and knows no session', async () => {
  const store = await open()
  await store.commit([assessment('x', 1, 0.1)])
  await store.close()
  const before = readdirSync(directory, { recursive: true }).sort()
  const reader = await open('ephemeral')
  expect([reader.ephemeral, store.ephemeral]).toEqual([true, false])
  reader.positions.set('r', 'k', 1)
  reader.sessionStates('sessions', codec).create('a', 'one')
  expect([reader.history.knows('x'), reader.history.revisionOf('x')]).toEqual([false, 1])
  const [entry] = await reader.commit([assessment('x', 2, 0.4)])
  expect(entry?.assessment.history).toEqual({ error_rate: { rank: 0.5, count: 1, recent: [0.4] } })
  await reader.sync()
  await reader.checkpoint()
  expect((await collect(reader.replay(reader.cursorOf('any')))).length).toBe(1)
  await reader.close()
  expect(readdirSync(directory, { recursive: true }).sort()).toEqual(before)
  expect(ledgerIds()).toEqual(['x'])
  const nowhere = join(directory, 'none')
  await (await open('ephemeral', nowhere)).commit([assessment('x')])
  expect(existsSync(nowhere)).toBe(false)
})

test('an analysis commits to the ledger and leaves the checkpoint alone', async () => {
  const store = await open()
  store.positions.set('r', 'k', 1)
  await store.commit([assessment('x')])
  await store.close()
  const checkpoint = readFileSync(checkpointPath())
  const analysis = await open('analysis')
  expect([analysis.history.knows('x'), analysis.positions.get('r', 'k')]).toEqual([false, undefined])
  analysis.positions.set('other', 'k', 1)
  await analysis.commit([assessment('y')])
  await analysis.checkpoint()
  await analysis.close()
  expect(readFileSync(checkpointPath())).toEqual(checkpoint)
  const again = await open()
  expect([again.report, again.history.knows('y'), again.cursorOf('markdown')]).toEqual([[], true, 0])
})

test('a closed store neither commits nor writes a checkpoint', async () => {
  const store = await open()
  await store.close()
  store.positions.set('r', 'k', 1)
  await expect(store.commit([assessment('x')])).rejects.toThrow('closed')
  await expect(store.checkpoint()).rejects.toThrow('closed')
})

test('pipelines that ask for session states by one name share them', async () => {
  const store = await open()
  store.sessionStates('sessions', codec).create('a', 'one')
  expect(store.sessionStates('sessions', codec).get('a')?.state).toBe('one')
  expect(store.sessionStates('others', codec).get('a')).toBeUndefined()
  expect(() => store.sessionStates('sessions', { ...codec })).toThrow('two codecs')
})

test('session states that change again and again do not fill the disk', async () => {
  const store = await open()
  const states = store.sessionStates('sessions', codec)
  for (let round = 0; round < 12; round += 1) {
    for (let number = 0; number < 4; number += 1) states.create(`s${number}`, String(round).repeat(1 << 20))
    await store.checkpoint()
  }
  const segments = readdirSync(join(directory, '.agentperf')).filter((name) => name.startsWith('sessions-'))
  const bytes = segments
    .map((name) => statSync(join(directory, '.agentperf', name)).size)
    .reduce((sum, size) => sum + size)
  expect(bytes).toBeLessThan(30 << 20)
  const again = await open('write', copyOf(directory))
  expect([...again.sessionStates('sessions', codec).list()].length).toBe(4)
  expect(again.sessionStates('sessions', codec).get('s3')?.state).toBe('11'.repeat(1 << 20))
})

test('a directory that cannot be used is an environment error that names it', async () => {
  const file = join(directory, 'file')
  writeFileSync(file, '')
  await expect(open('write', file)).rejects.toThrow(EnvironmentError)
  await expect(open('write', file)).rejects.toThrow(join(file, '.agentperf'))
})

// The limit on file sizes stands in for a full disk: both fail in the middle of a write.
test.skipIf(process.platform === 'win32')(
  'when the disk is full the ledger stays whole, and goes on when there is room',
  async () => {
    const script = `
    const { statSync } = await import('node:fs')
    const { openStore } = await import(${JSON.stringify(join(import.meta.dirname, 'open-store.ts'))})
    const store = await openStore({ directory: ${JSON.stringify(directory)}, mode: 'write', nowMs: () => ${NOW_MS} })
    const line = ${JSON.stringify(ledgerLine({ session_id: 'first' }))}
    const outcome = []
    const commit = async (...lines) => {
      try { outcome.push((await store.commit(lines.map((line) => ({ line, live: false })))).length) }
      catch (error) { outcome.push(error.name + ': ' + error.message) }
    }
    await commit(line)
    await commit({ ...line, session_id: 'small' }, { ...line, session_id: 'large', agent_version: 'x'.repeat(40000) })
    outcome.push(store.endOffset(), statSync(store.directory + '/history/kpis.jsonl').size, store.history.knows('small'))
    await commit({ ...line, session_id: 'small' })
    console.log(JSON.stringify(outcome))
    process.exit()`
    // 32 blocks of 1024 bytes with bash, of 512 with dash: 40 000 bytes fit into neither.
    const shell = `ulimit -f 32; exec "$0" --input-type=module -e "$1"`
    const { stdout } = spawnSync('sh', ['-c', shell, process.execPath, script], { encoding: 'utf8' })
    const [first, second, endOffset, size, knows, third] = JSON.parse(stdout)
    const lineBytes = Buffer.byteLength(`${JSON.stringify(ledgerLine({ session_id: 'first' }))}\n`)
    expect([first, endOffset, size, knows, third]).toEqual([1, lineBytes, lineBytes, false, 1])
    expect(second).toMatch(/^EnvironmentError: Cannot write .*kpis\.jsonl: EFBIG/)
    expect(ledgerIds()).toEqual(['first', 'small'])
    const again: LedgerLine[] = readLedger({ directory })
    expect(again.length).toBe(2)
  },
)

test('what was committed and perhaps not finished is told at the next opening, and how far suggestions were settled', async () => {
  const store = await open()
  const [first] = await store.commit(['x', 'y', 'z', 'w'].map((id) => assessment(id)))
  store.finishedUpTo(first?.endOffset ?? 0)
  await store.suggestions.append([{ ...eventOf('proposed'), after: { session_id: 'z', revision: 1 } }])
  await store.close()
  const again = await open()
  const told: unknown[] = []
  for await (const { assessment: one, isSettled } of again.unfinished()) {
    told.push([one.line.session_id, one.sessionsSoFar, isSettled])
  }
  // The last one may be settled in part.
  expect(told).toEqual([
    ['y', 2, true],
    ['z', 3, false],
    ['w', 4, false],
  ])
  again.finishedUpTo(again.endOffset())
  await again.close()
  expect(await collect((await open()).unfinished())).toEqual([])
})

test('without a checkpoint everything is unfinished, and nothing for commands that follow nothing up', async () => {
  const store = await open()
  await store.commit([assessment('x')])
  await store.close()
  rmSync(checkpointPath())
  expect(await collect((await open('ephemeral')).unfinished())).toEqual([])
  const again = await open()
  expect((await collect(again.unfinished())).map(({ assessment: { line } }) => line.session_id)).toEqual(['x'])
})

test('the history up to a number of sessions is what it was then', async () => {
  const store = await open()
  for (const id of ['x', 'y', 'z']) {
    await store.commit([assessment(id), assessment(`${id}-other`, 1, 0.5, 'b')])
  }
  expect(store.history.upTo('a', 3)?.window.map(({ sessionId }) => sessionId)).toEqual(['x', 'y'])
  expect(store.history.upTo('a', 3)?.sessionCount).toBe(2)
  expect(store.history.upTo('a', 0)).toBeUndefined()
  expect(store.history.upTo('c', 3)).toBeUndefined()
})
