import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { measured } from './measured.ts'

/** The fastest plain way to read lines and parse them: what the pipeline is compared with. */

const CHUNK_BYTES = 1024 * 1024
const LINE_FEED = 10

const [directory = '.'] = process.argv.slice(2)
await measured(() => {
  let lines = 0
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'))
  for (const name of names.toSorted()) lines += parseFile(join(directory, name))
  return lines
})

function parseFile(path: string): number {
  const descriptor = openSync(path, 'r')
  const buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES)
  let lines = 0
  let filled = 0
  for (;;) {
    const count = readSync(descriptor, buffer, filled, CHUNK_BYTES, null)
    if (count === 0) break
    filled += count
    let start = 0
    for (let end = buffer.indexOf(LINE_FEED); end !== -1 && end < filled; end = buffer.indexOf(LINE_FEED, start)) {
      if (typeof JSON.parse(buffer.utf8Slice(start, end)) === 'object') lines++
      start = end + 1
    }
    buffer.copyWithin(0, start, filled)
    filled -= start
  }
  closeSync(descriptor)
  return lines
}
