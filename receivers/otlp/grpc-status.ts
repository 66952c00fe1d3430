import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { DAMAGED, type Refusal } from './answer.ts'
import { RPC_CODES } from './answer-body.ts'
import { tooLarge } from './item-intake.ts'

const UNKNOWN_FORM: Refusal = {
  status: 415,
  message: 'expected one message, in gzip, deflate or no compression, got something else',
}
export const TOO_SLOW: Refusal = { status: 408, message: 'expected the whole message sooner, got only a part of it' }

/** A refusal as gRPC tells it. */
export function grpcStatusOf(refusal: Refusal): StatusObject {
  const { message, retryAfterSeconds } = refusal
  const metadata = new Metadata()
  const code = refusal.status === 415 ? status.UNIMPLEMENTED : RPC_CODES[refusal.status]
  if (retryAfterSeconds !== undefined) {
    metadata.set('grpc-status-details-bin', statusWithRetryInfo(code, message, retryAfterSeconds))
  }
  return { code, details: message, metadata }
}

/**
 * Why the library ended a call before its message was there.
 *
 * @returns `undefined` for what is no refusal of ours
 */
export function libraryRefusal(code: number | null | undefined, maxMessageBytes: number): Refusal | undefined {
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      return tooLarge(maxMessageBytes)
    case status.UNIMPLEMENTED:
      return UNKNOWN_FORM
    case status.INTERNAL:
      return DAMAGED
    case status.DEADLINE_EXCEEDED:
      return TOO_SLOW
    default:
      return undefined
  }
}

/** A `google.rpc.Status` with a `google.rpc.RetryInfo` among its details. All of its parts are short. */
function statusWithRetryInfo(code: number, message: string, seconds: number): Buffer {
  const duration = field(1, Buffer.from([0x08, seconds]))
  const any = [field(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), field(2, duration)]
  return Buffer.concat([Buffer.from([0x08, code]), field(2, Buffer.from(message)), field(3, Buffer.concat(any))])
}

/** @param bytes fewer than 128 */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}
