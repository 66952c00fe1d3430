import { expect, test } from 'vitest'
import { ReceivingTurns } from './receiving-turns.ts'

test('four have their turn at once, the others in the order in which they came', () => {
  const turns = new ReceivingTurns()
  const began: number[] = []
  const leave = Array.from({ length: 7 }, (_, n) => turns.enter(() => began.push(n)))
  expect(began).toEqual([0, 1, 2, 3])
  leave[4]?.()
  leave[1]?.()
  leave[1]?.()
  expect(began).toEqual([0, 1, 2, 3, 5])
  leave[5]?.()
  expect(began).toEqual([0, 1, 2, 3, 5, 6])
})

test('one that gives up when its turn comes makes room for the next', () => {
  const turns = new ReceivingTurns()
  const held = Array.from({ length: 4 }, () => turns.enter(() => {}))
  let reached = false
  const giveUp = turns.enter(() => queueMicrotask(() => giveUp?.()))
  turns.enter(() => {
    reached = true
  })
  held[0]?.()
  expect(reached).toBe(false)
  giveUp?.()
  expect(reached).toBe(true)
})

test('no more than 256 wait', () => {
  const turns = new ReceivingTurns()
  const entered = Array.from({ length: 4 + 256 }, () => turns.enter(() => {}))
  expect(entered.every((leave) => leave !== undefined)).toBe(true)
  expect(turns.enter(() => {})).toBeUndefined()
  entered[0]?.()
  expect(turns.enter(() => {})).toBeDefined()
})
