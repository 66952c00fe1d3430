import { constants, type ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js'
import type { ByteHold } from '#src/net/byte-budget.ts'
import { USUAL_RATIO } from './decompress.ts'

/** Telemetry in protobuf becomes at most about so many times as large. */
const USUAL_PROTOBUF_RATIO = USUAL_RATIO / 2

/** Senders that were refused have so long to go themselves. */
const ANSWER_MS = 1000

export interface ReceivedBytesOptions {
  readonly call: ServerInterceptingCallInterface
  /** Grows with what has come. */
  readonly hold: ByteHold
  /** Of a message, before and after it was unpacked. */
  readonly maxMessageBytes: number
  readonly roomPollMs: number
  /** Asked as long as there is no room. @returns whether the call was given up */
  readonly onNoRoom: (waitedMs: number) => boolean
}

/**
 * Counts the bytes of a message as they come, and lets the sender wait where there is no room for more of them. The library
 * tells of whole messages only: this listens beside it, on the stream that it keeps for itself.
 */
export class ReceivedBytes {
  readonly #options: ReceivedBytesOptions
  readonly #stream: ServerHttp2Stream | undefined
  readonly #onData = (chunk: Buffer): void => this.#add(chunk)
  #bytes = 0
  #ratio = 1
  #timer: NodeJS.Timeout | undefined

  constructor(options: ReceivedBytesOptions) {
    this.#options = options
    this.#stream = streamOf(options.call)
  }

  start(): void {
    this.#stream?.on('data', this.#onData)
  }

  /** The message is whole, or is not waited for any more. Safe to call twice. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#stream?.off('data', this.#onData)
  }

  /** The call is over, and its message is not used: gives its memory back when the library does. */
  abandon(): void {
    this.stop()
    const { hold } = this.#options
    const stream = this.#stream
    if (stream === undefined || stream.closed || this.#bytes === 0) return hold.release()
    // Closed at once, the sender would not see why.
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), ANSWER_MS)
    stream.once('close', () => {
      clearTimeout(timer)
      hold.release()
    })
  }

  #add(chunk: Buffer): void {
    // A message begins with whether it is compressed.
    if (this.#bytes === 0 && chunk[0] === 1) this.#ratio = USUAL_PROTOBUF_RATIO
    this.#bytes += chunk.length
    if (this.#grow()) return
    this.#stream?.pause()
    this.#wait(performance.now())
  }

  #grow(): boolean {
    const { hold, maxMessageBytes } = this.#options
    return hold.resize(Math.min(this.#bytes * this.#ratio, maxMessageBytes))
  }

  #wait(sinceMs: number): void {
    this.#timer = setTimeout(() => {
      if (this.#grow()) this.#stream?.resume()
      else if (!this.#options.onNoRoom(performance.now() - sinceMs)) this.#wait(sinceMs)
    }, this.#options.roomPollMs)
  }
}

function streamOf(call: ServerInterceptingCallInterface): ServerHttp2Stream | undefined {
  const stream: unknown = Reflect.get(call, 'stream')
  return isHttp2Stream(stream) ? stream : undefined
}

function isHttp2Stream(value: unknown): value is ServerHttp2Stream {
  return value instanceof Duplex && 'rstCode' in value
}
