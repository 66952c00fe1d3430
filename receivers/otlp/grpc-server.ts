import { setTimeout as sleep } from 'node:timers/promises'
import {
  logVerbosity,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerErrorResponse,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  setLogVerbosity,
} from '@grpc/grpc-js'
import { type Endpoint, explainListenError } from '#src/net/listen.ts'
import type { OtlpSignal } from '#src/otlp/decode-protobuf.ts'
import { type Answer, FAILED, type Refusal, UNAUTHENTICATED } from './answer.ts'
import { successBody } from './answer-body.ts'
import type { BearerToken } from './bearer-token.ts'
import { grpcStatusOf, libraryRefusal, TOO_SLOW } from './grpc-status.ts'
import type { ItemIntake } from './item-intake.ts'
import { ReceivingTurns, type Turn } from './receiving-turns.ts'
import type { TlsFiles } from './tls-files.ts'

export interface GrpcServerOptions {
  readonly items: ItemIntake
  /** Told of each call that was refused. */
  readonly onRefused: (refusal: Refusal, error?: Error) => void
  /** Of a message as it comes over the wire, and of what it becomes. */
  readonly maxMessageBytes: number
  /** A message that is not whole so long after its turn has come is given up. */
  readonly receiveTimeoutMs: number
  /** How long a call waits for room in the queue before it is refused. */
  readonly roomWaitMs: number
  /** Absent: the connection is not encrypted. */
  readonly tls?: TlsFiles | undefined
  /** Absent: everyone may send. */
  readonly token?: BearerToken | undefined
}

// It writes to stderr, between the lines of our own log; what matters of it is told there.
setLogVerbosity(logVerbosity.NONE)

const SERVICES: Readonly<Record<OtlpSignal, string>> = {
  traces: 'trace.v1.TraceService',
  logs: 'logs.v1.LogsService',
  metrics: 'metrics.v1.MetricsService',
}
const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics']

const asIs = (bytes: Buffer): Buffer => bytes

/** How often a call that waits looks whether there is room. */
const ROOM_POLL_MS = 20

/** How long answers that are under way may take when the server closes. */
const CLOSE_MS = 500

/** OTLP over gRPC. Messages stay bytes: what they hold is decoded as over HTTP. */
export class OtlpGrpcServer {
  readonly #options: GrpcServerOptions
  readonly #server: Server
  readonly #turns = new ReceivingTurns()
  /** When calls stop waiting for room, by the metadata that they came with. */
  readonly #giveUpMs = new WeakMap<Metadata, number>()

  constructor(options: GrpcServerOptions) {
    this.#options = options
    // Not without «channelz»: the library forgets its connections then, and closing could wait for them for ever.
    this.#server = new Server({
      'grpc.max_receive_message_length': options.maxMessageBytes,
      'grpc.max_concurrent_streams': 100,
      interceptors: [(_method, call) => this.#intercept(call)],
    })
    for (const signal of SIGNALS) {
      this.#server.addService(serviceOf(signal), {
        Export: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
          void this.#answer(signal, call, answer)
        },
      })
    }
  }

  /** @returns the port that it listens on */
  async start(endpoint: Endpoint, configPath: string): Promise<number> {
    const { host, port } = endpoint
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#server.bindAsync(address, credentialsOf(this.#options.tls), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
    return await promise.catch(async (error: unknown) => {
      throw await explainListenError(error, endpoint, configPath)
    })
  }

  /** Safe without `start`. */
  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(() => this.#server.forceShutdown(), CLOSE_MS)
    this.#server.tryShutdown(() => resolve())
    await promise
    clearTimeout(timer)
  }

  /** Decides about a call before its message is received: who may not send, or would find no room, need not send. */
  #intercept(call: ServerInterceptingCallInterface): ServerInterceptingCall {
    const { items, token, receiveTimeoutMs, roomWaitMs, maxMessageBytes, onRefused } = this.#options
    const send = call.sendStatus.bind(call)
    const refuse = (refusal: Refusal): void => {
      onRefused(refusal)
      send(grpcStatusOf(refusal))
    }
    let whole = false
    // What the library finds wrong with a message it tells the sender only, in words and codes of its own.
    call.sendStatus = (status) => {
      const refusal = whole ? undefined : libraryRefusal(status.code, maxMessageBytes)
      if (refusal === undefined) send(status)
      else refuse(refusal)
    }
    let turn: Turn | undefined
    let timer: NodeJS.Timeout | undefined
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, read) => {
            if (token !== undefined && !token.fits(authorizationIn(metadata))) return refuse(UNAUTHENTICATED)
            const giveUpMs = performance.now() + roomWaitMs
            this.#giveUpMs.set(metadata, giveUpMs)
            const receive = (ownTurn: Turn): void => {
              if (items.hasRoom(1)) {
                ownTurn.begin()
                timer = setTimeout(() => refuse(TOO_SLOW), receiveTimeoutMs)
                read(metadata)
              } else if (items.stopping || performance.now() >= giveUpMs) refuse(items.busy())
              else timer = setTimeout(() => receive(ownTurn), ROOM_POLL_MS)
            }
            turn = this.#turns.enter(receive, () => refuse(TOO_SLOW))
            if (turn === undefined) refuse(items.busy())
          },
          onReceiveMessage: (message, read) => {
            whole = true
            read(message)
          },
          onReceiveHalfClose: (read) => {
            clearTimeout(timer)
            turn?.end()
            read()
          },
          // Comes at the end of every call, whatever ended it.
          onCancel: () => {
            clearTimeout(timer)
            turn?.leave()
          },
        }),
    })
  }

  async #answer(
    signal: OtlpSignal,
    call: ServerUnaryCall<Buffer, Buffer>,
    answer: sendUnaryData<Buffer>,
  ): Promise<void> {
    try {
      const taken = await this.#take(signal, call)
      if (taken === undefined) return
      if ('accepted' in taken) answer(null, successBody(signal, taken.accepted))
      else answer(this.#refused(taken.refused))
    } catch (error) {
      answer(this.#refused(FAILED, error instanceof Error ? error : new Error(String(error))))
    }
  }

  /** Several messages may have come where there was room for one: then the others wait, in turns of their own. */
  async #take(signal: OtlpSignal, call: ServerUnaryCall<Buffer, Buffer>): Promise<Answer> {
    const { items } = this.#options
    const { request, metadata } = call
    const giveUpMs = this.#giveUpMs.get(metadata) ?? 0
    // Its sender has gone, and may send again.
    while (!call.cancelled) {
      const mayWait = !items.stopping && performance.now() < giveUpMs
      if (!mayWait || items.hasRoom(request.length)) {
        const taken = await items.take(signal, request, 'protobuf', items.open())
        if ('accepted' in taken || taken.refused.status !== 503 || !mayWait) return taken
      }
      await sleep(ROOM_POLL_MS)
    }
    return undefined
  }

  #refused(refusal: Refusal, error?: Error): Partial<ServerErrorResponse> {
    this.#options.onRefused(refusal, error)
    return grpcStatusOf(refusal)
  }
}

function serviceOf(signal: OtlpSignal): ServiceDefinition {
  return {
    Export: {
      path: `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  }
}

function credentialsOf(tls: TlsFiles | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  const { cert, key, clientCa } = tls
  const pair = { cert_chain: cert, private_key: key }
  return ServerCredentials.createSsl(clientCa ?? null, [pair], clientCa !== undefined)
}

/** Of several headers none counts: a proxy and its sender could mean different ones. */
function authorizationIn(metadata: Metadata): string | undefined {
  const [only, ...more] = metadata.get('authorization')
  return typeof only === 'string' && more.length === 0 ? only : undefined
}
