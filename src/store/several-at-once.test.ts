import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { severalAtOnce } from './several-at-once.ts'

const NUMBERS = Array.from({ length: 20 }, (_, number) => number)

test('the results are in the items’ order, however long each takes', async () => {
  const results = await severalAtOnce(NUMBERS, async (number) => {
    for (let turn = number % 3; turn > 0; turn--) await nextTurn()
    return 2 * number
  })
  expect(results).toEqual(NUMBERS.map((number) => 2 * number))
  expect(await severalAtOnce([], nextTurn)).toEqual([])
})

test('several are at work at once, but not all', async () => {
  let atWork = 0
  let most = 0
  await severalAtOnce(NUMBERS, async () => {
    most = Math.max(most, ++atWork)
    await nextTurn()
    atWork--
  })
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThan(NUMBERS.length)
})

test('where one fails, those beside it are finished and later ones not begun', async () => {
  const begun: number[] = []
  const finished: number[] = []
  const done = severalAtOnce(NUMBERS, async (number) => {
    begun.push(number)
    if (number === 1) throw new Error('the disk is full')
    await nextTurn()
    finished.push(number)
  })
  await expect(done).rejects.toThrow('the disk is full')
  expect(finished).toEqual(begun.filter((number) => number !== 1))
  expect(begun.length).toBeLessThan(NUMBERS.length)
})
