import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Turns } from './turns.ts'

let nowMs: number
let othersTurns: number

beforeEach(() => {
  nowMs = 1000
  othersTurns = 0
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Others want a turn, which takes some time. */
function othersWait(tookMs = 0): void {
  setImmediate(() => {
    othersTurns++
    nowMs += tookMs
  })
}

/** Others, who wait from now on, have their turn when this one has lasted so long, not before. */
async function expectLength(turns: Turns, lengthMs: number): Promise<void> {
  const before = othersTurns
  othersWait()
  nowMs += lengthMs - 1
  await turns.pause(10)
  expect(othersTurns).toBe(before)
  nowMs += 1
  await turns.pause(10)
  expect(othersTurns).toBe(before + 1)
}

test('others have their turn when one is over, not before', async () => {
  const turns = new Turns()
  othersWait()
  await turns.pause(5)
  expect(othersTurns).toBe(1)
  await expectLength(turns, 5)
})

test('others have their turn before the first one, whenever the last one was', async () => {
  const turns = new Turns()
  await turns.begin(5)
  othersWait()
  await turns.begin(5)
  expect(othersTurns).toBe(1)
})

test.for([
  { others: 'a moment', tookMs: 1, isMs: 10 },
  { others: 'long', tookMs: 20, isMs: 20 },
  { others: 'too long', tookMs: 1000, isMs: 40 },
])('a turn is as long as that of the others, within limits: $others', async ({ tookMs, isMs }) => {
  const turns = new Turns()
  othersWait(tookMs)
  await turns.begin(10)
  await expectLength(turns, isMs)
})

test('who works in turns too does not make them longer', async () => {
  const [turns, others] = [new Turns(), new Turns()]
  await others.begin(10)
  setImmediate(() => {
    nowMs += 30
    void others.pause(10)
  })
  await turns.begin(10)
  await expectLength(turns, 10)
})
