import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ReceivingTurns, type Turn } from './receiving-turns.ts'

const nothing = (): void => {}

test('four have their turn at once, the others in the order in which they came', () => {
  const turns = new ReceivingTurns()
  const began: number[] = []
  const entered = Array.from({ length: 7 }, (_, n) => turns.enter(() => began.push(n), nothing))
  expect(began).toEqual([0, 1, 2, 3])
  entered[4]?.leave()
  entered[1]?.leave()
  entered[1]?.leave()
  expect(began).toEqual([0, 1, 2, 3, 5])
  entered[5]?.leave()
  expect(began).toEqual([0, 1, 2, 3, 5, 6])
})

test('one that gives up when its turn comes makes room for the next', () => {
  const turns = new ReceivingTurns()
  const held = Array.from({ length: 4 }, () => turns.enter(nothing, nothing))
  let reached = false
  turns.enter((turn) => turn.leave(), nothing)
  turns.enter(() => {
    reached = true
  }, nothing)
  held[0]?.leave()
  expect(reached).toBe(true)
})

test('no more than 256 wait', () => {
  const turns = new ReceivingTurns()
  const entered = Array.from({ length: 4 + 256 }, () => turns.enter(nothing, nothing))
  expect(entered.every((turn) => turn !== undefined)).toBe(true)
  expect(turns.enter(nothing, nothing)).toBeUndefined()
  entered[0]?.leave()
  expect(turns.enter(nothing, nothing)).toBeDefined()
})

test('those that take long make way for those that wait; the oldest of too many is given up', async () => {
  const turns = new ReceivingTurns(1)
  const began: number[] = []
  const givenUp: number[] = []
  const entered = Array.from({ length: 20 }, (_, n) =>
    turns.enter(
      (turn) => {
        began.push(n)
        turn.begin()
      },
      () => givenUp.push(n),
    ),
  )
  while (began.length < 20) await sleep(1)
  // Nobody waits any more: four have their turn, twelve go on beside them.
  expect(givenUp).toEqual([0, 1, 2, 3])
  for (const turn of entered) turn?.leave()
  await sleep(5)
  expect(givenUp).toEqual([0, 1, 2, 3])
})

test('what is whole is not given up: it keeps its turn, or its place beside them', async () => {
  const turns = new ReceivingTurns(1)
  const givenUp: number[] = []
  let began = 0
  const entered = Array.from({ length: 40 }, (_, n) =>
    turns.enter(
      (turn) => {
        began++
        turn.begin()
        if (n < 2) turn.end()
      },
      () => givenUp.push(n),
    ),
  )
  while (began < 40) await sleep(1)
  expect(givenUp).toEqual(Array.from({ length: 24 }, (_, n) => n + 2))
  for (const turn of entered) turn?.leave()
})

test('those that were not asked for their bytes keep their turn, however long it takes', async () => {
  const turns = new ReceivingTurns(1)
  const began: Turn[] = []
  for (let n = 0; n < 5; n++) turns.enter((turn) => began.push(turn), nothing)
  await sleep(10)
  expect(began).toHaveLength(4)
  began[0]?.begin()
  while (began.length < 5) await sleep(1)
})
