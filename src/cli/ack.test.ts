import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alert, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { RequestWatch } from '#src/service/request-watch.ts'
import { layoutOf } from '#src/store/layout.ts'
import { openStore } from '#src/store/open-store.ts'
import { run } from './ack.ts'
import { performRequest } from './change.ts'
import { changes } from './changes.ts'
import { loadConfiguration } from './configuration.ts'
import { type MemoryIo, memoryIo } from './memory-io.fixture.ts'

const NOW_MS = Date.UTC(2026, 10, 21)
const PIPELINES = resolve(import.meta.dirname, '../../pipelines.yaml')
const ALARMING = ledgerLine({ session_id: 's1', agent_type: '../../x', alert_level: 'WARNING', alerts: [alert()] })

let directory: string
let io: MemoryIo

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-ack-'))
  io = memoryIo({ env: { HOME: directory }, cwd: directory, nowMs: () => NOW_MS })
})

afterEach(() => rm(directory, { recursive: true }))

const globals = () => ({ config: [PIPELINES], set: [`service.storage.directory=${directory}`] })
const ack = (agentType: string, falseAlarm = false): Promise<number> => run({ ...globals(), agentType, falseAlarm }, io)
const open = () => openStore({ directory, mode: 'write', nowMs: () => NOW_MS })

async function fill(line = ALARMING): Promise<void> {
  const store = await open()
  await store.commit([{ line, live: false }])
  await store.close()
}

test('an ack is a line of its ledger; the last word on a session counts', async () => {
  await fill()
  expect(await ack('../../x')).toBe(0)
  expect(io.written.out).toContain('WARNING of the last session of ../../x (s1, ended 2026-02-10) is acknowledged and')
  expect(await ack('../../x')).toBe(0)
  expect(io.written.out).toContain('was acknowledged 2026-11-21 00:00 UTC already')
  expect(await ack('../../x', true)).toBe(0)
  const lines = (await readFile(join(directory, 'history/acks.jsonl'), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { agent_type: '../../x', session_id: 's1', false_alarm: false },
    { false_alarm: true },
  ])
  const store = await open()
  expect(store.acks.all()).toHaveLength(1)
  expect(store.acks.of('../../x', 's1')?.false_alarm).toBe(true)
  await store.close()
})

test.for([
  { name: 'an agent type that nobody knows', agentType: 'nobody', line: ALARMING, told: 'no sessions of agent type' },
  {
    name: 'nothing alarming',
    agentType: 'calm',
    line: ledgerLine({ agent_type: 'calm' }),
    told: 'Nothing is alarming',
  },
])('$name is a finding', async ({ agentType, line, told }) => {
  await fill(line)
  expect(await ack(agentType)).toBe(1)
  expect(io.written.err).toContain(told)
})

test('while another process holds the lock it is asked', async () => {
  await fill()
  const store = await open()
  const config = await loadConfiguration(globals(), io)
  const watch = new RequestWatch({
    folder: layoutOf(directory).requests,
    perform: (request) => performRequest(request, changes, { store, config, nowMs: () => NOW_MS }),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    nowMs: Date.now,
  })
  watch.start()
  expect(await ack('../../x', true)).toBe(0)
  expect(io.written.out).toContain('acknowledged as a false alarm')
  expect(store.acks.of('../../x', 's1')?.false_alarm).toBe(true)
  expect(await ack('nobody')).toBe(1)
  await watch.stop()
  await store.close()
})

test('a change that is not known, or has other options, is refused', async () => {
  const store = await open()
  const context = { store, config: await loadConfiguration(globals(), io), nowMs: () => NOW_MS }
  for (const request of [
    { change: 'erase', options: {} },
    { change: 'ack', options: { agentType: 7 } },
  ]) {
    expect(await performRequest(request, changes, context)).toMatchObject({ exitCode: 2, out: '' })
  }
  await store.close()
})

test('a damaged ledger of acks is told, and a newer one is refused', async () => {
  await fill()
  expect(await ack('../../x')).toBe(0)
  const path = join(directory, 'history/acks.jsonl')
  const text = await readFile(path, 'utf8')
  await writeFile(path, `no ack\n${text}{"schema":1,"at`)
  const store = await open()
  expect(store.acks.all()).toHaveLength(1)
  expect(store.report.filter((problem) => problem.includes('acks.jsonl'))).toHaveLength(2)
  await store.close()
  await writeFile(path, '{"schema":2,"mood":"fine"}\n')
  await expect(open()).rejects.toThrow(
    /acks\.jsonl:1: expected an ack of schema 1 or older, found schema 2: a newer agentperf wrote it/,
  )
})
