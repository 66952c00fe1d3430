import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, processOf, untilSaid } from './otlp-subjects.ts'

const READY = 'Everything is ready'
const POLL_MS = 20

/** A process that sends on what it receives. */
export interface Passer extends ReturnType<typeof processOf> {
  readonly url: string
  /** Where it tells of itself; of agentperf only. */
  readonly metricsUrl?: string
}

/** What requests are sent on to. It reads them and forgets them. */
export class Sink {
  /** Requests that were taken. */
  taken = 0
  open = true
  readonly #server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (this.open) this.taken++
      response.writeHead(this.open ? 200 : 503, { 'content-type': 'application/x-protobuf' }).end()
    })
  })

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  async untilTaken(count: number): Promise<void> {
    while (this.taken < count) await sleep(POLL_MS)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export type Masking = 'redact' | 'nothing masked'

/** The built bundle with one pipeline: receive, mask or not, queue on disk, send. @param directory for its state */
export async function startPasser(command: string, directory: string, to: string, masking: Masking): Promise<Passer> {
  const masks = masking === 'redact'
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    processors: masks ? { redact: {} } : {},
    exporters: { otlp: { endpoint: to, queue_size: '2GiB', redact: masks ? 'required' : 'off' } },
    service: {
      storage: { directory },
      admin: { endpoint: '127.0.0.1:0' },
      pipelines: { passthrough: { receivers: ['otlp'], processors: masks ? ['redact'] : [], exporters: ['otlp'] } },
    },
  }
  const path = join(directory, 'pipelines.yaml')
  await writeFile(path, JSON.stringify(config))
  const child = spawn(process.execPath, [command, 'run', '--config', path], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said = await untilSaid(child, READY)
  const [, url = ''] = /"url":"([^"]+)","msg":"takes in OTLP"/.exec(said) ?? []
  const [, admin = ''] = /(http:\S+)\/healthz/.exec(said) ?? []
  return { url, metricsUrl: `${admin}/metrics`, ...processOf(child) }
}

/** An OpenTelemetry Collector that does the same without masking, with its queue in memory. */
export async function startCollectorPasser(binary: string, directory: string, to: string): Promise<Passer> {
  const endpoint = `127.0.0.1:${await freePort()}`
  const pipeline = { receivers: ['otlp'], exporters: ['otlp_http'] }
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint } } } },
    exporters: { otlp_http: { endpoint: to, compression: 'none', sending_queue: { queue_size: 100_000 } } },
    service: { telemetry: { metrics: { level: 'none' } }, pipelines: { traces: pipeline, logs: pipeline } },
  }
  const path = join(directory, 'collector.json')
  await writeFile(path, JSON.stringify(config))
  const child = spawn(binary, ['--config', path], { stdio: ['ignore', 'ignore', 'pipe'] })
  await untilSaid(child, READY)
  return { url: `http://${endpoint}`, ...processOf(child) }
}
