import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { expect, test } from 'vitest'

const MAIN = new URL('main.ts', import.meta.url).pathname
const OLD_NODE = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.1.0' } })",
)}`
// As outside npm, which the tests themselves are started by.
const { npm_lifecycle_event: _, ...ENV } = process.env

test('the help is printed and all is well', async () => {
  const { code, out, err } = await runMain(['--help'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^Usage: agentperf/)
})

test('an unknown command is a usage error', async () => {
  const { code, err } = await runMain(['analize'])
  expect(code).toBe(2)
  expect(err).toContain('(Did you mean analyze?)')
})

test('an old Node is told so in one line', async () => {
  const { code, out, err } = await runMain(['--help'], ['--import', OLD_NODE])
  expect([code, out]).toEqual([3, ''])
  expect(err).toMatch(/^agentperf needs Node 24 or newer, this is v\d+\.\d+\.\d+: install a newer one\.\n$/)
})

test('a reader that has seen enough is no error', async () => {
  const { code, err } = await runMain(['--help'], [], 'stdout')
  expect([code, err]).toEqual([0, ''])
})

test('a reader of messages that has seen enough changes nothing', async () => {
  const { code, out } = await runMain(['analize'], [], 'stderr')
  expect([code, out]).toEqual([2, ''])
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told in one line', async () => {
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', full, 'pipe'], env: ENV })
  closeSync(full)
  expect(await resultOf(child)).toMatchObject({
    code: 3,
    err: 'agentperf: cannot write the output: ENOSPC: no space left on device, write\n',
  })
})

async function runMain(
  argv: readonly string[],
  nodeOptions: readonly string[] = [],
  closedEarly?: 'stdout' | 'stderr',
): Promise<Result> {
  const child = spawn(process.execPath, [...nodeOptions, MAIN, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ENV,
  })
  if (closedEarly !== undefined) child[closedEarly].destroy()
  return resultOf(child)
}

interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function resultOf(child: ChildProcess): Promise<Result> {
  const out: string[] = []
  const err: string[] = []
  child.stdout?.on('data', (chunk) => out.push(String(chunk)))
  child.stderr?.on('data', (chunk) => err.push(String(chunk)))
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  const code = await promise
  return { code, out: out.join(''), err: err.join('') }
}
