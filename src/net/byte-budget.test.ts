import { expect, test } from 'vitest'
import { ByteBudget } from './byte-budget.ts'

test('a request that is alone gets more than there is', () => {
  const budget = new ByteBudget(100)
  expect(budget.hasRoom(1000)).toBe(true)
  expect(budget.open().resize(1000)).toBe(true)
  expect(budget.hasRoom(1)).toBe(false)
})

test('once it was full, nobody new gets room before it is down to three quarters', () => {
  const budget = new ByteBudget(100)
  const first = budget.open()
  const second = budget.open()
  expect([first.resize(50), second.resize(45)]).toEqual([true, true])
  expect(budget.hasRoom(5)).toBe(true)
  expect(budget.open().resize(6)).toBe(false)
  expect(budget.hasRoom(5)).toBe(false)
  expect(second.resize(26)).toBe(true)
  expect(budget.hasRoom(1)).toBe(false)
  expect(second.resize(25)).toBe(true)
  expect(budget.hasRoom(25)).toBe(true)
})

test('a request that has its place can go on growing meanwhile', () => {
  const budget = new ByteBudget(100)
  const first = budget.open()
  const second = budget.open()
  expect([first.resize(50), second.resize(30)]).toEqual([true, true])
  expect(budget.hasRoom(30)).toBe(false)
  expect(second.resize(50)).toBe(true)
})

test('what is released twice counts once', () => {
  const budget = new ByteBudget(100)
  const first = budget.open()
  const second = budget.open()
  expect([first.resize(40), second.resize(60)]).toEqual([true, true])
  first.release()
  first.release()
  expect(budget.open().resize(41)).toBe(false)
  second.release()
  expect(budget.hasRoom(1000)).toBe(true)
})
