import type { OtlpSignal } from '#src/otlp/decode-protobuf.ts'
import type { Accepted, Encoding, Refusal } from './answer.ts'

/** The codes of `google.rpc.Code`. */
export const RPC_CODES: Readonly<Record<Refusal['status'], number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  431: 8,
  500: 13,
  503: 14,
}

const REJECTED_NAMES: Readonly<Record<OtlpSignal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
}

const REJECTED_MESSAGE = 'items with a time that is unknown, before 2018 or more than a day ahead were left out'

/** What OTLP wants of full success: an empty message. */
const SUCCESS: Readonly<Record<Encoding, Buffer>> = { json: Buffer.from('{}'), protobuf: Buffer.alloc(0) }

/** The body that OTLP wants of an error: a `google.rpc.Status` with code and message. */
export function statusBody({ status, message }: Refusal, encoding: Encoding): Buffer {
  const code = RPC_CODES[status]
  return encoding === 'json' ? Buffer.from(JSON.stringify({ code, message })) : numberAndText(code, message)
}

/** The body that OTLP wants of success: an `Export…ServiceResponse`, which tells how many items were left out. */
export function successBody(signal: OtlpSignal, { encoding, rejected }: Accepted): Buffer {
  if (rejected === 0) return SUCCESS[encoding]
  if (encoding === 'protobuf') {
    const partialSuccess = numberAndText(rejected, REJECTED_MESSAGE)
    return Buffer.concat([Buffer.from([0x0a, ...varint(partialSuccess.length)]), partialSuccess])
  }
  const partialSuccess = { [REJECTED_NAMES[signal]]: `${rejected}`, errorMessage: REJECTED_MESSAGE }
  return Buffer.from(JSON.stringify({ partialSuccess }))
}

/** A message of a number in field 1 and a text in field 2. */
function numberAndText(number: number, text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x08, ...varint(number), 0x12, ...varint(bytes.length)]), bytes])
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
