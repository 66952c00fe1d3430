import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'

const MAIN = new URL('main.ts', import.meta.url).pathname
const OLD_NODE = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.1.0' } })",
)}`

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
  const { code, err } = await runMain(['--help'], [], true)
  expect([code, err]).toEqual([0, ''])
})

async function runMain(argv: readonly string[], nodeOptions: readonly string[] = [], closeEarly = false) {
  const child = spawn(process.execPath, [...nodeOptions, MAIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  const out: string[] = []
  const err: string[] = []
  if (closeEarly) child.stdout.destroy()
  else child.stdout.on('data', (chunk) => out.push(String(chunk)))
  child.stderr.on('data', (chunk) => err.push(String(chunk)))
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  const code = await promise
  return { code, out: out.join(''), err: err.join('') }
}
