import { gunzipSync } from 'node:zlib'
import { visibleText } from '#src/report/visible-text.ts'
import type { StoredRequest } from '#src/store/stored-request.ts'
import { loadConfiguration } from './configuration.ts'
import { addressOf, type DeadLetter, deadLettersIn, lettersAt, readLetter } from './dead-letters.ts'
import { EXIT, type Io } from './io.ts'
import type { DeadLetterOptions } from './options.ts'
import { ownName } from './own-name.ts'
import { replay } from './replay-dead-letters.ts'
import { type Column, renderTable, tableStyle } from './table.ts'

const COLUMNS: readonly Column[] = [
  { header: 'id' },
  { header: 'exporter', minWidth: 8 },
  { header: 'path' },
  { header: 'items', align: 'right', priority: 1 },
  { header: 'refused', priority: 2 },
  { header: 'status', align: 'right' },
  { header: 'what the other side said', minWidth: 12 },
]

/** Lists what was refused for good, shows it, sends it again or removes it. */
export async function run(options: DeadLetterOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const letters = await deadLettersIn(config.service.storage.directory)
  if (options.action === 'list') return list(letters, options.json, io)
  const { id } = options
  const chosen = id === undefined ? letters : lettersAt(letters, id)
  if (id !== undefined && chosen.length === 0) {
    io.stderr.write(`No dead letter ${visibleText(id)}; «${ownName(io)} dead-letter list» tells which there are.\n`)
    return EXIT.finding
  }
  if (id !== undefined && chosen.length > 1) {
    const addresses = chosen.map(addressOf).join(', ')
    io.stderr.write(`There are ${chosen.length} dead letters ${id}. Say which: ${addresses}.\n`)
    return EXIT.usage
  }
  switch (options.action) {
    case 'show':
      return show(chosen, io)
    case 'replay':
      return replay(chosen, config, io)
    case 'drop':
      if (id === undefined && !options.all) {
        io.stderr.write('Say which: an id, or --all.\n')
        return EXIT.usage
      }
      for (const letter of chosen) await letter.folder.remove(letter.id)
      io.stdout.write(`${chosen.length} dropped\n`)
      return EXIT.fine
  }
}

/** What `list --json` tells of one. */
interface Listed {
  readonly id: string
  readonly exporter: string
  readonly bytes: number
  /** Why it cannot be read; all that follows is absent then. */
  readonly unreadable?: string
  readonly path?: string
  readonly items?: number
  readonly queued_at?: string
  readonly refused_at?: string | undefined
  readonly status?: number | undefined
  readonly message?: string | undefined
}

async function list(letters: readonly DeadLetter[], json: boolean, io: Io): Promise<number> {
  const listed: Listed[] = []
  for (const letter of letters) listed.push(...(await listedOf(letter)))
  if (json) io.stdout.write(`${JSON.stringify(listed, null, 2)}\n`)
  else if (listed.length === 0) io.stdout.write('No dead letters.\n')
  else {
    const rows = listed.map(({ id, exporter, path, items, refused_at, status, message, unreadable }) => [
      id,
      exporter,
      path ?? '',
      String(items ?? ''),
      refused_at?.slice(0, 19) ?? '',
      String(status ?? ''),
      unreadable === undefined ? (message ?? '') : `unreadable: ${unreadable}`,
    ])
    io.stdout.write(renderTable(COLUMNS, rows, tableStyle(io.stdout, io.env)))
  }
  return listed.length === 0 ? EXIT.fine : EXIT.finding
}

/** @returns none when it is gone meanwhile */
async function listedOf({ id, exporter, folder }: DeadLetter): Promise<readonly Listed[]> {
  const read = await readLetter(() => folder.readHeader(id))
  if (read.kind === 'gone') return []
  if (read.kind === 'unreadable') return [{ id, exporter, bytes: folder.bytesOf(id), unreadable: read.problem }]
  const { path, items, bodyBytes, queuedAt, refusal } = read.content
  const refused = { refused_at: refusal?.at, status: refusal?.status, message: refusal?.message }
  return [{ id, exporter, path, items, bytes: bodyBytes, queued_at: queuedAt, ...refused }]
}

async function show(letters: readonly DeadLetter[], io: Io): Promise<number> {
  let code: number = EXIT.fine
  for (const { id, folder } of letters) {
    const read = await readLetter(async () => textOf(await folder.read(id)))
    if (read.kind === 'read') io.stdout.write(`${read.content}\n`)
    else {
      io.stderr.write(`${id}: ${read.kind === 'gone' ? 'it is gone' : `unreadable: ${read.problem}`}\n`)
      code = EXIT.finding
    }
  }
  return code
}

/** JSON as it is; protobuf, which is no text, in base64. */
function textOf({ contentType, contentEncoding, body }: StoredRequest): string {
  const plain = contentEncoding === 'gzip' ? gunzipSync(body) : Buffer.from(body)
  return plain.toString(contentType === 'application/json' ? 'utf8' : 'base64')
}
