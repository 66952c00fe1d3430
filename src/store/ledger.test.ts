import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { Ledger } from './ledger.ts'

let directory = ''
let path = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-ledger-'))
  path = join(directory, 'history', 'kpis.jsonl')
})
afterEach(() => rmSync(directory, { recursive: true }))

const line = (id: string) => ledgerLine({ session_id: id, model: 'größe' })
const textOf = (lines: readonly LedgerLine[]) => lines.map((one) => `${JSON.stringify(one)}\n`).join('')

function writeLedger(text: string) {
  Ledger.openForWriting(path).close()
  writeFileSync(path, text)
}

async function readAll(ledger: Ledger, fromOffset = 0) {
  const ids: string[] = []
  let badLines = 0
  for await (const batch of ledger.batches(fromOffset)) {
    for (const { line: read, offset, endOffset } of batch.records) {
      ids.push(read.session_id)
      expect(ledger.lineAt(offset)).toEqual(read)
      expect(ledger.bytesBefore(endOffset).at(-1)).toBe(10)
    }
    badLines += batch.badLines
  }
  return { ids, badLines }
}

test('appended lines come back, from any offset', async () => {
  const ledger = Ledger.openForWriting(path)
  ledger.append(Buffer.from(textOf([line('a'), line('b')])))
  const afterTwo = ledger.length
  ledger.append(Buffer.from(textOf([line('c')])))
  await ledger.sync()
  expect(await readAll(ledger)).toEqual({ ids: ['a', 'b', 'c'], badLines: 0 })
  expect(await readAll(ledger, afterTwo)).toEqual({ ids: ['c'], badLines: 0 })
  expect(await readAll(ledger, ledger.length)).toEqual({ ids: [], badLines: 0 })
  expect(ledger.lineAt(ledger.length)).toBeUndefined()
  ledger.close()
  expect(readFileSync(path, 'utf8')).toBe(textOf([line('a'), line('b'), line('c')]))
})

test('cut at any byte, the ledger opens with the whole lines before the cut and takes new ones', async () => {
  const whole = Buffer.from(textOf([line('a'), line('b')]))
  const firstEnd = whole.indexOf(10) + 1
  for (let cut = 0; cut <= whole.length; cut += 1) {
    writeLedger('')
    writeFileSync(path, whole.subarray(0, cut))
    const ledger = Ledger.openForWriting(path)
    // A line that lacks only its line feed is whole.
    const kept = cut >= whole.length - 1 ? ['a', 'b'] : cut >= firstEnd - 1 ? ['a'] : []
    const isWhole = [0, firstEnd - 1, firstEnd, whole.length - 1, whole.length].includes(cut)
    expect(ledger.repair.tornBytes > 0, `cut at ${cut}`).toBe(!isWhole)
    ledger.append(Buffer.from(textOf([line('new')])))
    expect(await readAll(ledger), `cut at ${cut}`).toEqual({ ids: [...kept, 'new'], badLines: 0 })
    ledger.close()
  }
})

test.for<{ name: string; tail: string; tornBytes: number }>([
  { name: 'zeros that a power failure left', tail: '\0'.repeat(5000), tornBytes: 5000 },
  { name: 'a long torn line', tail: `{"schema":1,"session_id":"${'x'.repeat(200_000)}`, tornBytes: 200_026 },
])('$name is cut off and counted', async ({ tail, tornBytes }) => {
  writeLedger(textOf([line('a')]) + tail)
  const ledger = Ledger.openForWriting(path)
  expect(ledger.repair).toEqual({ tornBytes, lineFeedAdded: false })
  expect(await readAll(ledger)).toEqual({ ids: ['a'], badLines: 0 })
  ledger.close()
  expect(readFileSync(path, 'utf8')).toBe(textOf([line('a')]))
})

test('a whole last line that is not JSON stays: somebody edited it', async () => {
  const text = `${textOf([line('a')])}{"schema":1,"sess\n`
  writeLedger(text)
  const ledger = Ledger.openForWriting(path)
  expect(await readAll(ledger)).toEqual({ ids: ['a'], badLines: 1 })
  ledger.close()
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('bad lines in the middle are skipped and counted, however long', async () => {
  writeLedger(
    `${textOf([line('a')])}not json\n\n{"schema":1}\n${textOf([line('b')])}${'y'.repeat(17 << 20)}\n${textOf([line('c')])}`,
  )
  const ledger = Ledger.openForWriting(path)
  expect(await readAll(ledger)).toEqual({ ids: ['a', 'b', 'c'], badLines: 4 })
  ledger.close()
})

test('lines longer than a read are read whole', async () => {
  const long = ledgerLine({ session_id: 'long', agent_version: 'v'.repeat(700_000) })
  writeLedger(textOf([line('a'), long, line('b')]))
  const ledger = Ledger.openForWriting(path)
  expect(await readAll(ledger)).toEqual({ ids: ['a', 'long', 'b'], badLines: 0 })
  ledger.close()
})

test('a line of a newer schema is refused, not skipped', async () => {
  writeLedger(textOf([line('a'), { ...line('b'), schema: 99 }, line('c')]))
  const ledger = Ledger.openForWriting(path)
  await expect(readAll(ledger)).rejects.toThrow(EnvironmentError)
  await expect(readAll(ledger)).rejects.toThrow('schema 99')
  ledger.close()
})

test('a ledger opened for reading stays as it is, and what is appended continues its offsets', async () => {
  writeLedger(`${textOf([line('a'), line('b')])}{"torn`)
  const before = readFileSync(path)
  const ledger = Ledger.openReadOnly(path)
  expect(ledger.length).toBe(before.length - 6)
  ledger.append(Buffer.from(textOf([line('c'), line('d')])))
  await ledger.sync()
  expect(await readAll(ledger)).toEqual({ ids: ['a', 'b', 'c', 'd'], badLines: 0 })
  ledger.close()
  expect(readFileSync(path)).toEqual(before)
})

test('a ledger opened for reading leaves out a last line that may still be written', async () => {
  writeLedger(textOf([line('a'), line('b')]).slice(0, -1))
  const ledger = Ledger.openReadOnly(path)
  expect(await readAll(ledger)).toEqual({ ids: ['a'], badLines: 0 })
  ledger.close()
})

test('a ledger that is not there reads as empty and is not made', async () => {
  const ledger = Ledger.openReadOnly(join(directory, 'none', 'kpis.jsonl'))
  expect(await readAll(ledger)).toEqual({ ids: [], badLines: 0 })
  ledger.append(Buffer.from(textOf([line('a')])))
  expect(await readAll(ledger)).toEqual({ ids: ['a'], badLines: 0 })
  ledger.close()
})

test('lines appended while reading are read too', async () => {
  const ledger = Ledger.openForWriting(path)
  ledger.append(Buffer.from(textOf([line('a')])))
  const ids: string[] = []
  for await (const { records } of ledger.batches(0)) {
    ids.push(...records.map((record) => record.line.session_id))
    if (ids.length === 1) ledger.append(Buffer.from(textOf([line('b')])))
  }
  expect(ids).toEqual(['a', 'b'])
  ledger.close()
})

test('a ledger that shrinks while it is read is an error, not an endless loop', async () => {
  const ledger = Ledger.openForWriting(path)
  ledger.append(Buffer.from(textOf([line('a'), line('b')])))
  truncateSync(path, 10)
  await expect(readAll(ledger)).rejects.toThrow('became shorter')
  ledger.close()
})
