import { cp } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '#src/net/running-receiver.fixture.ts'
import { namesOf, send, spans, startReceiver } from './receiver.fixture.ts'

const ONE = JSON.stringify(spans(1))

describe('while the pipeline is slow', () => {
  test('requests are acknowledged and wait in order; when the queue is full the answer is 503', async () => {
    const gate = Promise.withResolvers<void>()
    const running = await startReceiver({ queueSize: '64KiB', next: () => gate.promise })
    const statuses: number[] = []
    const waits = new Set<string | null>()
    let taken = 0
    for (let n = 0; n < 12; n++) {
      const { status, headers } = await send(`${running.url}/v1/traces`, JSON.stringify(spans(50, taken)))
      statuses.push(status)
      if (status === 200) taken += 50
      else waits.add(headers.get('retry-after'))
    }
    const accepted = statuses.indexOf(503)
    expect(accepted).toBeGreaterThan(1)
    expect(statuses).toEqual(statuses.map((_, n) => (n < accepted ? 200 : 503)))
    expect([...waits].toSorted()).toEqual(['1', '2', '3'])
    expect(running.account()).toMatchObject({ received: taken, held: taken })
    gate.resolve()
    await running.untilReceived(taken)
    expect(namesOf(running.received)).toEqual(Array.from({ length: taken }, (_, n) => `${n}`))
    expect(await send(`${running.url}/v1/traces`, ONE)).toMatchObject({ status: 200 })
  })

  test('a request larger than the queue is taken in when nothing else waits', async () => {
    const running = await startReceiver({ queueSize: '1KiB' })
    expect(await send(`${running.url}/v1/traces`, JSON.stringify(spans(100)))).toMatchObject({ status: 200 })
    await running.untilReceived(100)
    expect(await send(`${running.url}/v1/traces`, JSON.stringify(spans(100)))).toMatchObject({ status: 200 })
  })

  test('many items are handed on in batches', async () => {
    const sizes: number[] = []
    const running = await startReceiver({
      next: async (batch) => {
        sizes.push(batch.length)
      },
    })
    await send(`${running.url}/v1/traces`, JSON.stringify(spans(2500)))
    await running.untilReceived(2500)
    expect(sizes).toEqual([1024, 1024, 452])
  })

  test('what the next stage refuses is offered again, and nothing is lost or overtaken', async () => {
    let refusals = 2
    const running = await startReceiver({
      next: async () => {
        if (refusals-- > 0) throw new Error('secret')
      },
    })
    for (let n = 0; n < 3; n++) await send(`${running.url}/v1/traces`, JSON.stringify(spans(1, n)))
    await running.untilReceived(3)
    expect(namesOf(running.received)).toEqual(['0', '1', '2'])
    expect(running.logged.filter(({ level }) => level === 'warn')).toMatchObject([{ fields: { error: 'Error' } }])
    expect(JSON.stringify(running.logged)).not.toContain('secret')
  })
})

describe('stopping', () => {
  test('new requests get 503, and what waits is handed on first', async () => {
    const gate = Promise.withResolvers<void>()
    const running = await startReceiver({ next: () => gate.promise })
    for (let n = 0; n < 5; n++) await send(`${running.url}/v1/traces`, JSON.stringify(spans(10, n * 10)))
    const stopped = running.receiver.stop()
    const answer = await send(`${running.url}/v1/traces`, ONE)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toMatch(/^[123]$/)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 14 })
    gate.resolve()
    await stopped
    expect(running.received).toHaveLength(50)
    expect(running.account()).toMatchObject({ received: 50, held: 0, settled: { used: 50 } })
    await expect(send(`${running.url}/v1/traces`, ONE)).rejects.toThrow()
  })

  test('what the next stage goes on refusing is dropped and counted', async () => {
    const running = await startReceiver({ next: () => Promise.reject(new Error('full')) })
    for (let n = 0; n < 3; n++) await send(`${running.url}/v1/traces`, JSON.stringify(spans(10)))
    await running.receiver.stop()
    expect(running.account()).toMatchObject({ received: 30, held: 0, settled: { 'dropped:refused_at_stop': 30 } })
  })
})

test('what was acknowledged and not handed on before a crash is counted as lost', async () => {
  const gate = Promise.withResolvers<void>()
  const before = await startReceiver({ next: () => gate.promise })
  await send(`${before.url}/v1/traces`, JSON.stringify(spans(7)))
  await before.checkpoint()
  const directory = await temporaryFolder()
  await cp(before.directory, directory, { recursive: true, filter: (path) => !path.endsWith('lock') })
  gate.resolve()
  const after = await startReceiver({ directory })
  expect(after.account().settled).toEqual({ 'dropped:lost_in_crash': 7 })
  expect(after.logged).toMatchObject([{ level: 'warn', fields: { items: 7 } }, { level: 'info' }])
})

test('a sender that disappears gives its memory back', async () => {
  const running = await startReceiver({ queueSize: '1KiB' })
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1')
  socket.write(
    `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2000\r\n\r\n${' '.repeat(1500)}`,
  )
  while ((await send(`${running.url}/v1/traces`, ONE)).status !== 503) await sleep(2)
  socket.destroy()
  while ((await send(`${running.url}/v1/traces`, ONE)).status !== 200) await sleep(2)
  await running.untilReceived(1)
})
