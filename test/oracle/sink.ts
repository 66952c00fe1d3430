import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '../../scripts/samples/random.ts'

/** What the sink does with requests, and how often before it begins anew. */
const BEHAVIOURS = {
  taken: 17,
  refused: 3,
  too_many: 3,
  unavailable: 3,
  hang: 1,
  reset: 2,
  /** Its sender cannot know, and sends it again. */
  taken_and_reset: 3,
  taken_and_cut: 2,
} as const

export type Behaviour = keyof typeof BEHAVIOURS

/** Sessions that requests told of, in the order in which they came. */
export interface Told {
  /** Revision and id, of records. */
  readonly records: string[]
  /** Ends of the sessions that were counted, in nanoseconds. */
  readonly ends: string[]
}

/** Takes in OTLP over HTTP in JSON, and misbehaves by chance. */
export class MoodySink {
  readonly taken: Told = { records: [], ends: [] }
  readonly counts: Record<Behaviour, number> = {
    ...{ taken: 0, refused: 0, too_many: 0, unavailable: 0, hang: 0, reset: 0, taken_and_reset: 0, taken_and_cut: 0 },
  }
  readonly #server: Server

  constructor(random: Random) {
    let next: Behaviour[] = []
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of request) chunks.push(chunk)
      } catch {
        // Its sender was killed.
        return
      }
      if (next.length === 0) next = shuffled(random)
      const behaviour = next.pop() ?? 'taken'
      this.counts[behaviour] += 1
      if (behaviour.startsWith('taken')) tell(this.taken, request.url ?? '', Buffer.concat(chunks))
      switch (behaviour) {
        case 'hang':
          return
        case 'reset':
        case 'taken_and_reset':
          request.socket.resetAndDestroy()
          return
        case 'taken_and_cut':
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
          response.write('{"partial', () => request.socket.resetAndDestroy())
          return
        case 'taken':
          response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}')
          return
        case 'refused':
          response.writeHead(400).end('refused')
          return
        case 'too_many':
          response.writeHead(429, { 'retry-after': '0' }).end()
          return
        case 'unavailable':
          response.writeHead(503).end()
      }
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Adds what a request tells of. */
export function tell(told: Told, path: string, body: Buffer): void {
  const text = body.toString()
  if (path === '/v1/logs') {
    for (const { scopeLogs } of JSON.parse(text).resourceLogs) {
      for (const { attributes } of scopeLogs.flatMap(({ logRecords }: { logRecords: object[] }) => logRecords)) {
        const attribute = (key: string) => attributes.find((one: { key: string }) => one.key === key).value
        told.records.push(`${attribute('revision').intValue} ${attribute('session.id').stringValue}`)
      }
    }
    return
  }
  for (const { scopeMetrics } of JSON.parse(text).resourceMetrics) {
    for (const { name, sum } of scopeMetrics.flatMap(({ metrics }: { metrics: object[] }) => metrics)) {
      if (name !== 'agent.performance.sessions') continue
      for (const { timeUnixNano } of sum.dataPoints) told.ends.push(timeUnixNano)
    }
  }
}

/** All behaviours, each as often as it is due, in an order of chance. */
function shuffled(random: Random): Behaviour[] {
  const all = Object.entries(BEHAVIOURS).flatMap(([name, times]) =>
    isBehaviour(name) ? Array.from({ length: times }, () => ({ name, order: random.next() })) : [],
  )
  return all.toSorted((a, b) => a.order - b.order).map(({ name }) => name)
}

function isBehaviour(text: string): text is Behaviour {
  return Object.hasOwn(BEHAVIOURS, text)
}
