import { expect, test } from 'vitest'
import { RefusalPause } from './refusal-pause.ts'

test('refusals wait, 128 at the same time; those beyond do not', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const pause = new RefusalPause(() => promise)
  let over = 0
  const waiting = Array.from({ length: 128 }, async () => {
    await pause.wait()
    over++
  })
  await pause.wait()
  expect(over).toBe(0)
  resolve()
  await Promise.all(waiting)
  expect(over).toBe(128)
})

test('who has waited makes room for others', async () => {
  const pauses: (() => void)[] = []
  const pause = new RefusalPause(() => new Promise<void>((resolve) => pauses.push(resolve)))
  const waiting = Array.from({ length: 129 }, () => pause.wait())
  expect(pauses).toHaveLength(128)
  for (const end of pauses) end()
  await Promise.all(waiting)
  void pause.wait()
  expect(pauses).toHaveLength(129)
})
