import { expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

/** Work that is under way until it is let go. */
function slowWork() {
  const running: { readonly succeed: () => void; readonly fail: (error: Error) => void }[] = []
  const work = () => new Promise<void>((succeed, fail) => running.push({ succeed, fail }))
  return { running, run: coalesce(work) }
}

test('calls while it runs share one more run', async () => {
  const { running, run } = slowWork()
  const first = run()
  const second = run()
  const third = run()
  expect(running.length).toBe(1)
  running[0]?.succeed()
  await first
  await Promise.resolve()
  expect(running.length).toBe(2)
  const fourth = run()
  running[1]?.succeed()
  await Promise.all([second, third])
  await Promise.resolve()
  expect(running.length).toBe(3)
  running[2]?.succeed()
  await fourth
})

test('each caller gets the failure of its own run only', async () => {
  const { running, run } = slowWork()
  const first = run()
  const second = run()
  running[0]?.fail(new Error('full'))
  await expect(first).rejects.toThrow('full')
  await Promise.resolve()
  running[1]?.succeed()
  await expect(second).resolves.toBeUndefined()
  const third = run()
  running[2]?.succeed()
  await third
})

test('work begins within the call when nothing runs', () => {
  const { running, run } = slowWork()
  run().catch(() => {})
  expect(running.length).toBe(1)
})
