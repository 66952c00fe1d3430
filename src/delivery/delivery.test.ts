import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Accounting } from '../service/accounting.ts'
import { RequestFolder } from '../store/request-folder.ts'
import type { OutgoingRequest } from '../store/stored-request.ts'
import { Delivery } from './delivery.ts'
import { type Behaviour, FakeIngester } from './fake-ingester.fixture.ts'
import { HttpSender } from './http-sender.ts'

const NOW_MS = Date.UTC(2026, 1, 13)
const ID = 'exporter/signoz'

let directory: string
let accounting: Accounting
let logged: string[]
let deadLetterOpenings: number

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-delivery-'))
  accounting = new Accounting()
  logged = []
  deadLetterOpenings = 0
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
})

interface Started {
  readonly delivery: Delivery
  readonly queue: RequestFolder
}

async function started(target: { url: string; timeoutMs?: number; maxBytes?: number }): Promise<Started> {
  const queue = await RequestFolder.open(join(directory, 'queue'), target.maxBytes ?? 1e6)
  const log = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`)
  }
  const headers = { 'signoz-ingestion-key': 'k-1' }
  const delivery = new Delivery({
    context: {
      items: accounting.itemsOf(ID),
      log: { debug: log, info: log, warn: log, error: log },
      now: () => NOW_MS,
    },
    queue,
    openDeadLetters: () => {
      deadLetterOpenings += 1
      return RequestFolder.open(join(directory, 'dead'), 1e6)
    },
    sender: new HttpSender({ endpoint: target.url, headers, timeoutMs: target.timeoutMs ?? 5000 }),
  })
  onTestFinished(() => delivery.stop())
  delivery.start()
  return { delivery, queue }
}

function request(text: string): OutgoingRequest {
  return { path: '/v1/metrics', contentType: 'application/json', items: 3, body: Buffer.from(text) }
}

async function untilEmpty(queue: RequestFolder): Promise<void> {
  while (queue.count > 0) await sleep(2)
}

async function untilFailed(): Promise<void> {
  while ((noticed().attempts_failed ?? 0) === 0) await sleep(2)
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

function noticed(): Readonly<Record<string, number>> {
  return accounting.components().get(ID)?.noticed ?? {}
}

async function deadLetters() {
  const folder = await RequestFolder.open(join(directory, 'dead'), 1e6)
  return Promise.all(folder.ids().map((id) => folder.read(id)))
}

test('requests arrive in order, with their headers, and leave the queue', async () => {
  const ingester = await new FakeIngester().start()
  const { delivery, queue } = await started(ingester)
  await delivery.enqueue([request('1'), request('2')])
  await delivery.enqueue([request('3')])
  await untilEmpty(queue)
  expect(ingester.seen.map(({ body }) => body.toString())).toEqual(['1', '2', '3'])
  expect(ingester.seen[0]?.headers).toMatchObject({ 'signoz-ingestion-key': 'k-1', 'content-type': 'application/json' })
  expect(await readdir(join(directory, 'queue'))).toEqual([])
  expect(noticed()).toEqual({ requests_queued: 3, requests_delivered: 3 })
})

describe('what passes is sent again until it arrives', () => {
  test.for<{ name: string; behaviour: Behaviour }>([
    { name: '503', behaviour: { status: 503 } },
    { name: '502', behaviour: { status: 502 } },
    { name: '504', behaviour: { status: 504 } },
    { name: '429', behaviour: { status: 429 } },
    { name: '401: the key may be corrected', behaviour: { status: 401, body: 'no such key' } },
    { name: '404: the address may be corrected', behaviour: { status: 404 } },
    { name: 'no answer', behaviour: 'hang' },
    { name: 'a closed connection', behaviour: 'reset' },
    { name: 'an answer that is not HTTP', behaviour: 'garbage' },
    { name: 'a web page', behaviour: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } },
  ])('$name', async ({ behaviour }) => {
    const ingester = await new FakeIngester().start()
    ingester.behaviours.push(behaviour)
    const { delivery, queue } = await started({ url: ingester.url, timeoutMs: 300 })
    await delivery.enqueue([request('1')])
    await untilEmpty(queue)
    expect(ingester.seen.map(({ body }) => body.toString())).toEqual(['1', '1'])
    expect(noticed()).toEqual({ requests_queued: 1, attempts_failed: 1, requests_delivered: 1 })
    expect(await deadLetters()).toEqual([])
    expect(logged.join()).not.toContain('no such key')
  })

  test('not before the other side wants it', async () => {
    const ingester = await new FakeIngester().start()
    ingester.behaviours.push({ status: 429, headers: { 'retry-after': '1' } })
    const { delivery, queue } = await started(ingester)
    await delivery.enqueue([request('1')])
    await untilEmpty(queue)
    // Without its word it is half a second at most.
    expect(logged.join()).toContain('"retry_in_ms":1000,')
  })

  test('a server that refuses connections at first', async () => {
    const ingester = await new FakeIngester().start()
    await ingester.stop()
    const { delivery, queue } = await started(ingester)
    await delivery.enqueue([request('1')])
    await untilFailed()
    await ingester.start()
    await untilEmpty(queue)
    expect(ingester.seen).toHaveLength(1)
    expect(logged.join()).toContain('ECONNREFUSED')
    expect(logged.join()).toContain('delivery works again')
  })
})

describe('what will never be taken goes to the dead letters', () => {
  test.for([400, 413, 415, 422, 500, 501])('%i', async (status) => {
    const ingester = await new FakeIngester().start()
    ingester.behaviours.push({
      status,
      headers: { 'content-type': 'application/json' },
      body: '{"message":"bad  point"}',
    })
    const { delivery, queue } = await started(ingester)
    await delivery.enqueue([request('1'), request('2')])
    await untilEmpty(queue)
    expect(ingester.seen.map(({ body }) => body.toString())).toEqual(['1', '2'])
    expect(await deadLetters()).toMatchObject([
      {
        path: '/v1/metrics',
        body: Buffer.from('1'),
        refusal: { status, message: 'bad point', at: '2026-02-13T00:00:00.000Z' },
      },
    ])
    expect(noticed()).toEqual({ requests_queued: 2, requests_refused: 1, requests_delivered: 1 })
    expect(logged.join()).not.toContain('bad point')
  })
})

test('the folder of the dead letters is read once, however much is refused', async () => {
  const ingester = await new FakeIngester().start()
  ingester.always = { status: 400 }
  const { delivery, queue } = await started(ingester)
  expect(deadLetterOpenings).toBe(0)
  await delivery.enqueue([request('1'), request('2'), request('3')])
  await untilEmpty(queue)
  expect(await deadLetters()).toHaveLength(3)
  expect(deadLetterOpenings).toBe(1)
})

describe('a success is a success', () => {
  test.for<{ name: string; behaviour: Behaviour; counted: object }>([
    {
      name: 'of a part',
      behaviour: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"too old"}}',
      },
      counted: { items_rejected: 2 },
    },
    {
      name: 'of a part, in protobuf',
      // { partial_success { rejected_data_points: 2, error_message: "x" } }
      behaviour: {
        status: 200,
        headers: { 'content-type': 'application/x-protobuf' },
        body: Buffer.from([0x0a, 0x05, 0x08, 0x02, 0x12, 0x01, 0x78]),
      },
      counted: { items_rejected: 2 },
    },
    { name: 'without a body', behaviour: { status: 204 }, counted: {} },
    {
      name: 'with a body that nobody understands',
      behaviour: { status: 200, headers: { 'content-type': 'application/json' }, body: 'OK!' },
      counted: { answers_not_understood: 1 },
    },
    { name: 'with an answer that breaks off', behaviour: 'reset_in_answer', counted: { answers_not_understood: 1 } },
  ])('$name', async ({ behaviour, counted }) => {
    const ingester = await new FakeIngester().start()
    ingester.behaviours.push(behaviour)
    const { delivery, queue } = await started(ingester)
    await delivery.enqueue([request('1')])
    await untilEmpty(queue)
    expect(ingester.seen).toHaveLength(1)
    expect(noticed()).toEqual({ requests_queued: 1, requests_delivered: 1, ...counted })
  })
})

test('after stop nothing is sent, no timer is left, and the queue is there for the next start', async () => {
  const ingester = await new FakeIngester().start()
  ingester.always = { status: 503 }
  const timersBefore = timers()
  const { delivery } = await started(ingester)
  await delivery.enqueue([request('1'), request('2')])
  await untilFailed()
  await delivery.stop()
  await delivery.stop()
  expect(timers()).toBe(timersBefore)
  const { length } = ingester.seen
  await delivery.enqueue([request('3')])
  await sleep(700)
  expect(ingester.seen).toHaveLength(length)

  ingester.always = undefined
  ingester.seen.length = 0
  const { queue } = await started(ingester)
  await untilEmpty(queue)
  expect(ingester.seen.map(({ body }) => body.toString())).toEqual(['1', '2', '3'])
})

test('stop gives up a request that hangs', async () => {
  const ingester = await new FakeIngester().start()
  ingester.always = 'hang'
  const { delivery, queue } = await started({ url: ingester.url, timeoutMs: 60_000 })
  await delivery.enqueue([request('1')])
  await ingester.untilSeen(1)
  await delivery.stop()
  expect(queue.count).toBe(1)
})

test('stop sends what goes out at once', async () => {
  const ingester = await new FakeIngester().start()
  const { delivery, queue } = await started(ingester)
  await delivery.enqueue(Array.from({ length: 50 }, (_, n) => request(String(n))))
  await delivery.stop()
  expect(queue.count).toBe(0)
  expect(ingester.seen).toHaveLength(50)
})

test('a full queue drops the oldest and counts them', async () => {
  const ingester = await new FakeIngester().start()
  ingester.always = { status: 503 }
  const { delivery, queue } = await started({ url: ingester.url, maxBytes: 1200 })
  for (let n = 0; n < 10; n++) await delivery.enqueue([request(`${n}`.padEnd(400))])
  expect(queue.bytes).toBeLessThanOrEqual(1200)
  const kept = queue.count
  expect(noticed()).toMatchObject({ requests_dropped_queue_full: 10 - kept, items_dropped_queue_full: 3 * (10 - kept) })
  ingester.always = undefined
  await untilEmpty(queue)
  expect(ingester.seen.at(-1)?.body.toString().trim()).toBe('9')
})

test('what is being sent stays when the queue is full: a request is delivered or dropped, not both', async () => {
  const ingester = await new FakeIngester().start()
  ingester.always = 'wait'
  const { delivery, queue } = await started({ url: ingester.url, maxBytes: 1200 })
  await delivery.enqueue([request('0'.padEnd(400))])
  await ingester.untilSeen(1)
  for (let n = 1; n < 5; n++) await delivery.enqueue([request(`${n}`.padEnd(400))])
  ingester.answerWaiting()
  await untilEmpty(queue)
  expect(ingester.seen.map(({ body }) => body.toString().trim())).toEqual(['0', '4'])
  expect(noticed()).toEqual({
    requests_queued: 5,
    requests_delivered: 2,
    requests_dropped_queue_full: 3,
    items_dropped_queue_full: 9,
  })
})

test('a file in the queue that is not whole is dropped and counted, and does not hold up the others', async () => {
  const queue = await RequestFolder.open(join(directory, 'queue'), 1e6)
  await queue.append([{ ...request('1'), queuedAt: '2026-02-13T00:00:00.000Z' }], NOW_MS)
  await writeFile(join(directory, 'queue', '0000000000000001.request'), '{"schema":1}\nhalf')
  const ingester = await new FakeIngester().start()
  const restarted = await started(ingester)
  await untilEmpty(restarted.queue)
  expect(ingester.seen.map(({ body }) => body.toString())).toEqual(['1'])
  expect(noticed()).toEqual({ requests_dropped_unreadable: 1, requests_delivered: 1 })
})
