import type { LoadedConfig } from '#src/config/config.ts'
import type { Sender } from '#src/delivery/delivery.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { type DeadLetter, readLetter } from './dead-letters.ts'
import { EXIT, type Io } from './io.ts'
import { networkSenders } from './network-senders.ts'
import { ownName } from './own-name.ts'

interface Replayed {
  readonly delivered: number
  readonly code: number
}

/** Sends from this process: the one that runs the pipelines only ever adds dead letters. */
export async function replay(letters: readonly DeadLetter[], config: LoadedConfig, io: Io): Promise<number> {
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

async function replayTo(sender: Sender, endpoint: string, letters: readonly DeadLetter[], io: Io): Promise<Replayed> {
  let delivered = 0
  let code: number = EXIT.fine
  const finding = (id: string, text: string): void => {
    io.stderr.write(`${id}: ${text}\n`)
    code = EXIT.finding
  }
  try {
    for (const { folder, id } of letters) {
      const read = await readLetter(() => folder.read(id))
      if (read.kind !== 'read') {
        finding(id, read.kind === 'gone' ? 'it is gone' : `unreadable: ${read.problem}`)
        continue
      }
      const outcome = await sender.send(read.content, new AbortController().signal)
      if (outcome.kind === 'delivered') {
        const { items } = read.content
        const { rejected } = outcome
        const said = outcome.message === '' ? '' : `: ${visibleText(outcome.message)}`
        if (rejected > 0 && rejected >= items) {
          finding(id, `all ${items} items were rejected${said}`)
          continue
        }
        // What was taken would be there twice if the rest were sent again.
        if (rejected > 0) finding(id, `${rejected} of ${items} items were rejected${said}`)
        await folder.remove(id)
        delivered += 1
      } else if (outcome.kind === 'refused') {
        finding(id, `refused again (${outcome.status})`)
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
