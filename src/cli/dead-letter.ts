import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { LoadedConfig } from '#src/config/config.ts'
import type { Sender } from '#src/delivery/delivery.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'
import type { StoredRequest } from '#src/store/stored-request.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import { networkSenders } from './network-senders.ts'
import type { DeadLetterOptions } from './options.ts'
import { ownName } from './own-name.ts'
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

/** A request that was refused for good. */
interface DeadLetter {
  readonly exporter: string
  readonly id: string
  readonly folder: RequestFolder
  readonly request: StoredRequest
}

/** Lists what was refused for good, shows it, sends it again or removes it. */
export async function run(options: DeadLetterOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const letters = await deadLettersOf(config.service.storage.directory)
  if (options.action === 'list') return list(letters, options.json, io)
  const chosen = letters.filter(({ id }) => options.id === undefined || id === options.id)
  if (options.id !== undefined && chosen.length === 0) {
    io.stderr.write(`No dead letter ${options.id}; «${ownName(io)} dead-letter list» tells which there are.\n`)
    return EXIT.finding
  }
  switch (options.action) {
    case 'show':
      for (const { request } of chosen) show(request, io)
      return EXIT.fine
    case 'replay':
      return replay(chosen, config, io)
    case 'drop':
      if (options.id === undefined && !options.all) {
        io.stderr.write('Say which: an id, or --all.\n')
        return EXIT.usage
      }
      for (const { folder, id } of chosen) await folder.remove(id)
      io.stdout.write(`${chosen.length} dropped\n`)
      return EXIT.fine
  }
}

async function deadLettersOf(directory: string): Promise<readonly DeadLetter[]> {
  const { deadLetters } = layoutOf(directory)
  const found: DeadLetter[] = []
  for (const exporter of foldersIn(deadLetters)) {
    const folder = await RequestFolder.open(join(deadLetters, exporter), Number.POSITIVE_INFINITY)
    for (const id of folder.ids()) found.push({ exporter, id, folder, request: await folder.read(id) })
  }
  return found
}

function foldersIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted()
  } catch {
    // Nothing was ever refused.
    return []
  }
}

function list(letters: readonly DeadLetter[], json: boolean, io: Io): number {
  if (json) {
    const shown = letters.map(({ exporter, id, request: { path, items, queuedAt, refusal, body } }) => ({
      id,
      exporter,
      path,
      items,
      bytes: body.length,
      queued_at: queuedAt,
      refused_at: refusal?.at,
      status: refusal?.status,
      message: refusal?.message,
    }))
    io.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
  } else if (letters.length === 0) io.stdout.write('No dead letters.\n')
  else {
    const rows = letters.map(({ exporter, id, request: { path, items, refusal } }) => [
      id,
      exporter,
      path,
      String(items),
      refusal?.at.slice(0, 19) ?? '',
      String(refusal?.status ?? ''),
      refusal?.message ?? '',
    ])
    io.stdout.write(renderTable(COLUMNS, rows, tableStyle(io.stdout, io.env)))
  }
  return letters.length === 0 ? EXIT.fine : EXIT.finding
}

/** JSON as it is; protobuf, which is no text, in base64. */
function show({ contentType, contentEncoding, body }: StoredRequest, io: Io): void {
  const plain = contentEncoding === 'gzip' ? gunzipSync(body) : Buffer.from(body)
  io.stdout.write(`${plain.toString(contentType === 'application/json' ? 'utf8' : 'base64')}\n`)
}

/** Sends from this process: the one that runs the pipelines only ever adds dead letters. */
async function replay(letters: readonly DeadLetter[], config: LoadedConfig, io: Io): Promise<number> {
  const senders = new Map(networkSenders(config).map((sender) => [safeFileName(sender.id), sender]))
  let delivered = 0
  let code: number = EXIT.fine
  for (const [exporter, group] of Map.groupBy(letters, (letter) => letter.exporter)) {
    const { open, endpoint = '' } = senders.get(exporter) ?? {}
    const sender = await open?.()
    if (sender === undefined) {
      io.stderr.write(`${exporter}: the configuration has no such exporter, or it is off\n`)
      code = EXIT.finding
      continue
    }
    const outcome = await replayTo(sender, endpoint, group, io)
    delivered += outcome.delivered
    code = Math.max(code, outcome.code)
  }
  io.stdout.write(`${delivered} of ${letters.length} delivered\n`)
  return code
}

async function replayTo(
  sender: Sender,
  endpoint: string,
  letters: readonly DeadLetter[],
  io: Io,
): Promise<{ readonly delivered: number; readonly code: number }> {
  let delivered = 0
  let code: number = EXIT.fine
  try {
    for (const { folder, id, request } of letters) {
      const outcome = await sender.send(request, new AbortController().signal)
      if (outcome.kind === 'delivered') {
        await folder.remove(id)
        delivered += 1
      } else if (outcome.kind === 'refused') {
        io.stderr.write(`${id}: refused again (${outcome.status})\n`)
        code = EXIT.finding
      } else {
        io.stderr.write(`${endpoint}: ${outcome.reason}; «${ownName(io)} signoz check» says more\n`)
        return { delivered, code: EXIT.environment }
      }
    }
    return { delivered, code }
  } finally {
    sender.close()
  }
}
