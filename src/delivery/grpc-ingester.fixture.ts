import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type status,
} from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'

const SERVICES = {
  '/v1/traces': 'trace.v1.TraceService',
  '/v1/logs': 'logs.v1.LogsService',
  '/v1/metrics': 'metrics.v1.MetricsService',
} as const

const asIs = (bytes: Buffer): Buffer => bytes

/** What one call is answered with instead of success. */
export interface GrpcFailure {
  readonly code: status
  /** A `google.rpc.Status`. */
  readonly details?: Buffer
}

/** Takes in OTLP over gRPC, and fails as it is told. */
export class GrpcIngester {
  /** What came, failures too. */
  readonly seen: { readonly path: string; readonly body: Buffer; readonly metadata: Metadata }[] = []
  /** What the next calls end with; after them all are taken. */
  readonly failures: GrpcFailure[] = []
  /** The answer of success. */
  answer = Buffer.alloc(0)
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** It is stopped when the test is over. */
  async start(): Promise<this> {
    const server = new Server()
    for (const [path, service] of Object.entries(SERVICES)) {
      const method = {
        path: `/opentelemetry.proto.collector.${service}/Export`,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      }
      const take = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
        this.seen.push({ path, body: call.request, metadata: call.metadata })
        const failure = this.failures.shift()
        if (failure === undefined) return done(null, this.answer)
        const metadata = new Metadata()
        if (failure.details !== undefined) metadata.set('grpc-status-details-bin', failure.details)
        done({ code: failure.code, details: 'as told', metadata })
      }
      server.addService({ Export: method }, { Export: take })
    }
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port)
        else reject(error)
      })
    })
    onTestFinished(() => server.forceShutdown())
    return this
  }
}
