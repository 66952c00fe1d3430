import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AgentperfProcess, type RunPlace, until } from './agentperf-process.ts'
import { crashInput, writeInput } from './input.ts'
import { differences, isDone, ledgerOf, lostItemsOf, outputsOf, remainsOf } from './outputs.ts'
import { SmallDisk } from './small-disk.ts'

const SESSIONS = 100
const DISK_BYTES = 24 * 1024 * 1024

let place: string
let disk: SmallDisk

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentperf-disk-'))
  disk = new SmallDisk(place, DISK_BYTES)
})

afterAll(async () => {
  disk.unmount()
  await rm(place, { recursive: true, force: true })
})

// What is left for the state: from nothing after the start to nearly enough.
test.for([64, 400, 1200])(
  'with %i KiB left it says that the disk is full, and goes on when there is room',
  async (freeKib, context) => {
    disk.neededBy(context)
    const where = await startedWith(freeKib)
    const agentperf = new AgentperfProcess(where)
    await agentperf.says('The disk is full: free some space.')
    expect(agentperf.running, agentperf.stderr).toBe(true)
    expect(isDone(where.directory, SESSIONS)).toBe(false)
    disk.empty()
    await finish(agentperf, where)
  },
)

test('stopped while the disk is full it says so, and loses nothing', async (context) => {
  disk.neededBy(context)
  const where = await startedWith(200)
  const agentperf = new AgentperfProcess(where)
  await agentperf.says('The disk is full: free some space.')
  expect(await agentperf.stop(), agentperf.stderr).toBe(3)
  disk.empty()
  await finish(new AgentperfProcess(where), where)
})

test('with nothing left it does not start, and says why', async (context) => {
  disk.neededBy(context)
  const where = await startedWith(0)
  const agentperf = new AgentperfProcess({ ...where, directory: join(disk.path, 'new') })
  expect(await agentperf.exit()).toBe(3)
  expect(agentperf.stderr).toContain('The disk is full: free some space.')
  disk.empty()
})

/** A directory in which agentperf has run with nothing to do, input for it, and a disk that is nearly full. */
async function startedWith(freeKib: number): Promise<RunPlace> {
  const input = join(place, 'input')
  if (!existsSync(input)) {
    writeInput(crashInput({ seed: 'disk full', sessions: SESSIONS, faulty: true }), input)
  }
  const where = { directory: join(disk.path, `state-${freeKib}`), input }
  const agentperf = new AgentperfProcess({ ...where, input: join(place, 'nothing') })
  await agentperf.ready()
  expect(await agentperf.stop()).toBe(0)
  disk.fill(freeKib * 1024)
  return where
}

async function finish(agentperf: AgentperfProcess, { directory, input }: RunPlace): Promise<void> {
  await agentperf.ready()
  await until(() => isDone(directory, SESSIONS), 'all sessions are assessed', agentperf)
  expect(await agentperf.stop()).toBe(0)
  expect(ledgerOf(directory)).toHaveLength(SESSIONS)
  expect(differences(outputsOf(directory), await undisturbedOutputs(input))).toEqual([])
  expect(remainsOf(directory)).toEqual([])
  expect(lostItemsOf(directory)).toEqual({})
  await rm(directory, { recursive: true })
}

async function undisturbedOutputs(input: string): Promise<ReadonlyMap<string, string>> {
  const directory = join(place, 'undisturbed')
  const agentperf = new AgentperfProcess({ directory, input })
  await agentperf.ready()
  await until(() => isDone(directory, SESSIONS), 'all sessions are assessed', agentperf)
  expect(await agentperf.stop()).toBe(0)
  const outputs = outputsOf(directory)
  await rm(directory, { recursive: true })
  return outputs
}
