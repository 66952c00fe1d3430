import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AgentperfProcess } from './agentperf-process.ts'

let place: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentperf-second-'))
  mkdirSync(join(place, 'input'))
})

afterAll(() => rm(place, { recursive: true, force: true }))

test('a second run on the same directory says who holds it and exits with 3; the first goes on', async () => {
  const where = { directory: join(place, 'state'), input: join(place, 'input') }
  const first = new AgentperfProcess(where)
  await first.ready()
  const second = new AgentperfProcess(where)
  expect(await second.exit()).toBe(3)
  expect(second.stderr).toContain(`process ${first.pid}`)
  expect(second.stderr).toContain(where.directory)
  expect(first.running).toBe(true)
  expect(await first.stop()).toBe(0)
})

test('after a kill the next run takes over at once', async () => {
  const where = { directory: join(place, 'killed'), input: join(place, 'input') }
  const first = new AgentperfProcess(where)
  await first.ready()
  await first.kill()
  const second = new AgentperfProcess(where)
  await second.ready()
  expect(await second.stop()).toBe(0)
})
