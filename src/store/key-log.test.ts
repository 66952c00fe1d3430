import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KeyLog } from './key-log.ts'

test('keys are known after a restart, also behind half a key that a crash left', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-keys-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'exported', 'signoz.keys')
  const first = await KeyLog.open(path)
  await first.add(['1 a', '1 b'])
  await first.close()
  await appendFile(path, 'half')

  const second = await KeyLog.open(path)
  expect([second.has('1 a'), second.has('1 b'), second.has('2 a')]).toEqual([true, true, false])
  await second.add(['2 a'])
  await second.close()

  const third = await KeyLog.open(path)
  expect([third.has('1 a'), third.has('1 b'), third.has('2 a'), third.has('3 a')]).toEqual([true, true, true, false])
  await third.close()
  expect((await stat(path)).size).toBe(24)
})
