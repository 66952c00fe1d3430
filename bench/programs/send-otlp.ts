import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Load, loadSchema, type Sent } from './sent.ts'

/** Sends the bodies of files to an OTLP receiver, and prints what became of them. */

interface Body {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

const load = loadSchema.parse(JSON.parse(process.argv[2] ?? ''))
const agent = new Agent({ keepAlive: true, maxSockets: load.connections })
const bodies = interleaved(load)
const answersMs: number[] = []
let accepted = 0
let refused = 0

const startMs = performance.now()
if (load.perSecond === undefined) await sendAsFastAsPossible(load)
else await sendPaced(load.perSecond)
const wallMs = performance.now() - startMs
agent.destroy()

const ordered = answersMs.toSorted((a, b) => a - b)
const at = (share: number): number => ordered[Math.floor(ordered.length * share)] ?? Number.NaN
const sent: Sent = { accepted, refused, wallMs, medianMs: at(0.5), p99Ms: at(0.99) }
process.stdout.write(`${JSON.stringify(sent)}\n`)

async function sendAsFastAsPossible({ connections, patient }: Load): Promise<void> {
  const waiting = bodies.toReversed()
  const work = async (): Promise<void> => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const retryAfterMs = await send(body, performance.now())
      if (retryAfterMs === undefined) continue
      waiting.unshift(body)
      if (patient) await sleep(retryAfterMs)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
}

async function sendPaced(perSecond: number): Promise<void> {
  const underWay: Promise<unknown>[] = []
  for (const [n, body] of bodies.entries()) {
    const dueMs = startMs + (n * 1000) / perSecond
    // Timers have a millisecond; what is due within one begins a little early.
    const leftMs = dueMs - performance.now()
    if (leftMs >= 1) await sleep(leftMs)
    underWay.push(send(body, Math.min(dueMs, performance.now())))
  }
  await Promise.all(underWay)
}

/** @returns how long to wait before it is sent again, when it was refused */
function send({ path, headers, bytes }: Body, beginMs: number): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const outgoing = request(`${load.url}${path}`, {
    method: 'POST',
    agent,
    headers: { ...headers, 'content-length': bytes.length },
  })
  outgoing.on('error', reject)
  outgoing.on('response', (response) => {
    response.resume().on('end', () => {
      answersMs.push(performance.now() - beginMs)
      if (response.statusCode === 200) accepted++
      else if (response.statusCode === 503) refused++
      else reject(new Error(`answered with ${response.statusCode}`))
      resolve(response.statusCode === 200 ? undefined : Number(response.headers['retry-after'] ?? 1) * 1000)
    })
  })
  outgoing.end(bytes)
  return promise
}

/** One of each file, then the next of each. */
function interleaved({ files }: Load): Body[] {
  const lists = files.map(({ path, signal, headers }) =>
    bytesOf(readFileSync(path)).map((bytes): Body => ({ path: `/v1/${signal}`, headers, bytes })),
  )
  return (lists[0] ?? []).flatMap((_, n) => lists.flatMap((list) => list[n] ?? []))
}

function bytesOf(file: Buffer): Buffer[] {
  const list: Buffer[] = []
  for (let at = 0; at < file.length; ) {
    const end = at + 4 + file.readUInt32LE(at)
    list.push(file.subarray(at + 4, end))
    at = end
  }
  return list
}
