import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { layoutOf } from '#src/store/layout.ts'
import { openStore } from '#src/store/open-store.ts'
import { randomFrom } from '../../scripts/samples/random.ts'
import { benchLine } from './bench-sessions.ts'
import { measured } from './measured.ts'

/** Makes a directory with a ledger of many sessions, as it is after a stop. */

const CHUNK_LINES = 1000
const EXPORTERS = ['jsonl', 'markdown', 'signoz']

const [directory = '.', count = '0'] = process.argv.slice(2)
await measured(async () => {
  writeLedger(layoutOf(directory).ledger, Number(count))
  const store = await openStore({ directory, mode: 'write', nowMs: () => Date.now() })
  const end = store.endOffset()
  for (const exporter of EXPORTERS) store.moveCursor(exporter, end)
  store.finishedUpTo(end)
  await store.close()
  return Number(count)
})

function writeLedger(path: string, sessions: number): void {
  mkdirSync(dirname(path), { recursive: true })
  const random = randomFrom('ledger')
  const descriptor = openSync(path, 'w')
  for (let first = 0; first < sessions; first += CHUNK_LINES) {
    const count = Math.min(CHUNK_LINES, sessions - first)
    const lines = Array.from({ length: count }, (_, n) => `${JSON.stringify(benchLine(first + n, random))}\n`)
    writeSync(descriptor, lines.join(''))
  }
  closeSync(descriptor)
}
