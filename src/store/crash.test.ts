import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { openStore } from './open-store.ts'
import { readLedger } from './read-ledger.ts'
import type { StateCodec } from './store.ts'

const SEED = 20261120
const KILLS = 8
const OPEN_SESSIONS = 40

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-crash-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** Reads input 1, 2, 3 …: each is added to a session's sum, and assessed as a session of its own. */
const WRITER = `
  const { openStore } = await import(${JSON.stringify(join(import.meta.dirname, 'open-store.ts'))})
  const [, directory, line] = process.argv
  const store = await openStore({ directory, mode: 'write', nowMs: () => 0, hotLimit: 8 })
  const states = store.sessionStates('sums', {
    encode: JSON.stringify,
    decode: JSON.parse,
    meta: () => ({ phase: 'open', startMs: 0, endMs: 0, endSignalled: false }),
  })
  for (let input = (store.positions.get('input', 'read') ?? 0) + 1; ; input += 1) {
    const id = 's' + (input % ${OPEN_SESSIONS})
    const entry = states.get(id) ?? states.create(id, { sum: 0, padding: 'x'.repeat(2000) })
    entry.state.sum += input
    entry.dirty = true
    await store.commit([{ line: { ...JSON.parse(line), session_id: 'input ' + input }, live: false }])
    store.positions.set('input', 'read', input)
    console.log(input)
    if (input % 7 === 0) await store.checkpoint()
  }`

const sums: StateCodec<{ sum: number }> = {
  encode: JSON.stringify,
  decode: (text) => JSON.parse(text),
  meta: () => ({ phase: 'open', startMs: 0, endMs: 0, endSignalled: false }),
  close() {},
}

test('killed at random moments, positions, sessions and ledger stay together and nothing is there twice', async () => {
  let random = SEED
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      WRITER,
      directory,
      JSON.stringify(ledgerLine({})),
    ])
    random = (Math.imul(random, 1103515245) + 12345) >>> 0
    // However slow the machine is, some are committed.
    await writtenLines(child.stdout, 2 + ((random >>> 8) % 40))
    await sleep(random % 10)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await expectWhole()
  }
  expect(readLedger({ directory }).length).toBeGreaterThan(KILLS)
})

async function writtenLines(output: Readable, count: number): Promise<void> {
  for (let lines = 0; lines < count; ) {
    const [chunk] = await once(output, 'data')
    lines += String(chunk).split('\n').length - 1
  }
}

async function expectWhole(): Promise<void> {
  const store = await openStore({ directory, mode: 'write', nowMs: () => 0 })
  const read = Number(store.positions.get('input', 'read') ?? 0)
  const states = store.sessionStates('sums', sums)
  let total = 0
  for (const [id] of states.list()) total += states.get(id)?.state.sum ?? 0
  expect(total).toBe((read * (read + 1)) / 2)
  const ids = readLedger({ directory }).map(({ session_id }) => session_id)
  expect(ids.length).toBeGreaterThanOrEqual(read)
  expect(ids.toReversed()).toEqual(ids.map((_, index) => `input ${index + 1}`))
  expect(store.history.of('code-reviewer')?.sessionCount ?? 0).toBe(ids.length)
  expect(readFileSync(join(directory, 'history', 'kpis.jsonl'), 'utf8').split('\n').length - 1).toBe(ids.length)
  await store.close()
}
