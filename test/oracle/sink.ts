import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '../../scripts/samples/random.ts'

/** What a sink does with requests, and how often before it begins anew. */
export const MOODS = {
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

export type Behaviour = keyof typeof MOODS
export type Moods = Readonly<Record<Behaviour, number>>

/** Takes in requests over HTTP, and misbehaves by chance. */
export class MoodySink {
  readonly counts: Record<Behaviour, number> = {
    ...{ taken: 0, refused: 0, too_many: 0, unavailable: 0, hang: 0, reset: 0, taken_and_reset: 0, taken_and_cut: 0 },
  }
  readonly #server: Server

  /** @param take called with what it takes */
  constructor(random: Random, moods: Moods, take: (path: string, body: Buffer) => void) {
    let next: Behaviour[] = []
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of request) chunks.push(chunk)
      } catch {
        // Its sender was killed.
        return
      }
      if (next.length === 0) next = shuffled(random, moods)
      const behaviour = next.pop() ?? 'taken'
      this.counts[behaviour] += 1
      if (behaviour.startsWith('taken')) take(request.url ?? '', Buffer.concat(chunks))
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

/** All behaviours, each as often as it is due, in an order of chance. */
function shuffled(random: Random, moods: Moods): Behaviour[] {
  const all = Object.entries(moods).flatMap(([name, times]) =>
    isBehaviour(name) ? Array.from({ length: times }, () => ({ name, order: random.next() })) : [],
  )
  return all.toSorted((a, b) => a.order - b.order).map(({ name }) => name)
}

function isBehaviour(text: string): text is Behaviour {
  return Object.hasOwn(MOODS, text)
}
