import { existsSync } from 'node:fs'
import * as z from 'zod'
import { ACK_SCHEMA, type Ack } from '#src/model/ack.ts'
import { Ledger } from './ledger.ts'
import { newerFormat } from './newer-format.ts'
import type { Acks } from './store.ts'
import { readWholeLines } from './whole-lines.ts'

const ackSchema = z.strictObject({
  schema: z.int().min(1).max(ACK_SCHEMA),
  at: z.iso.datetime(),
  agent_type: z.string(),
  session_id: z.string(),
  false_alarm: z.boolean(),
})

/** `history/acks.jsonl`: which alarms somebody has seen, and what they thought of them. The file is made with the first one. */
export class AckLog implements Acks {
  /** What was found damaged at opening; empty when all was well. */
  readonly report: readonly string[]
  readonly #path: string
  readonly #readOnly: boolean
  /** The last ack of each session of an agent type. */
  readonly #acks = new Map<string, Ack>()
  #file: Ledger | undefined

  /** @throws {EnvironmentError} when it cannot be read, or a newer agentperf wrote a line of it */
  constructor({ path, readOnly }: { readonly path: string; readonly readOnly: boolean }) {
    this.#path = path
    this.#readOnly = readOnly
    if (!readOnly && existsSync(path)) this.#file = Ledger.openForWriting(path)
    const lines = readWholeLines(path)
    const acks = lines.flatMap((line, index) => parseAck(line, `${path}:${index + 1}`) ?? [])
    for (const ack of acks) this.#keep(ack)
    const badLines = lines.length - acks.length
    const tornBytes = this.#file?.repair.tornBytes ?? 0
    this.report = [
      ...(tornBytes > 0 ? [`${path} ended in an unfinished line: its ${tornBytes} bytes were cut off.`] : []),
      ...(badLines > 0 ? [`${path} has ${badLines} lines that are no acks: they were skipped.`] : []),
    ]
  }

  all(): readonly Ack[] {
    return [...this.#acks.values()]
  }

  of(agentType: string, sessionId: string): Ack | undefined {
    return this.#acks.get(keyOf(agentType, sessionId))
  }

  async append(ack: Ack): Promise<void> {
    if (!this.#readOnly) {
      this.#file ??= Ledger.openForWriting(this.#path)
      this.#file.append(Buffer.from(`${JSON.stringify(ack)}\n`))
    }
    this.#keep(ack)
    await this.#file?.sync()
  }

  close(): void {
    this.#file?.close()
  }

  #keep(ack: Ack): void {
    this.#acks.set(keyOf(ack.agent_type, ack.session_id), ack)
  }
}

function keyOf(agentType: string, sessionId: string): string {
  return JSON.stringify([agentType, sessionId])
}

function parseAck(text: string, place: string): Ack | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const ack = ackSchema.safeParse(value).data
  if (ack !== undefined) return ack
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined
  if (typeof schema === 'number' && schema > ACK_SCHEMA) {
    throw newerFormat({ place, what: 'an ack', unit: 'schema', newest: ACK_SCHEMA, found: schema })
  }
  return undefined
}
