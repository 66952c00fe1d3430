import { WireReader } from './wire-reader.ts'

/** What a receiver says that it did not take of a request that it answered with success. */
export interface PartialSuccess {
  readonly rejected: number
  readonly message: string
}

const BYTES_FIELD = 2
const PARTIAL_SUCCESS = (1 << 3) | BYTES_FIELD
const REJECTED = 1 << 3
const MESSAGE = (2 << 3) | BYTES_FIELD
const KNOWN_IN_ANSWER = 1 << 1
const KNOWN_IN_PARTIAL_SUCCESS = (1 << 1) | (1 << 2)

/**
 * Reads an OTLP answer: that of traces, logs and metrics alike.
 *
 * @returns what was rejected, 0 when everything was taken; `undefined` when it is no such answer
 */
export function readPartialSuccess(contentType: string, body: Buffer): PartialSuccess | undefined {
  if (body.length === 0) return { rejected: 0, message: '' }
  try {
    return /protobuf/i.test(contentType) ? fromProtobuf(body) : fromJson(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function fromJson(text: string): PartialSuccess | undefined {
  const answer: unknown = JSON.parse(text)
  if (typeof answer !== 'object' || answer === null) return undefined
  const partial = 'partialSuccess' in answer ? answer.partialSuccess : undefined
  const fields = typeof partial === 'object' && partial !== null ? { ...partial } : {}
  const values = new Map<string, unknown>(Object.entries(fields))
  const rejected = ['rejectedDataPoints', 'rejectedLogRecords', 'rejectedSpans'].map((name) => values.get(name))
  const count = Number(rejected.find((value) => value !== undefined) ?? 0)
  return { rejected: Number.isFinite(count) ? count : 0, message: String(values.get('errorMessage') ?? '') }
}

function fromProtobuf(body: Buffer): PartialSuccess {
  const reader = new WireReader(body)
  let rejected = 0
  let message = ''
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== PARTIAL_SUCCESS) {
      reader.skip(tag, KNOWN_IN_ANSWER)
      continue
    }
    const outer = reader.enter()
    while (reader.more()) {
      const inner = reader.tag()
      if (inner === REJECTED) rejected = reader.number()
      else if (inner === MESSAGE) message = textOf(reader)
      else reader.skip(inner, KNOWN_IN_PARTIAL_SUCCESS)
    }
    reader.leave(outer)
  }
  return { rejected, message }
}

function textOf(reader: WireReader): string {
  const start = reader.span()
  return reader.bytes.toString('utf8', start, reader.position)
}
