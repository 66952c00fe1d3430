import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Logger } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'

/**
 * Takes in hook events until its standard input ends: with a configuration file as `agentperf run` does, without one as a
 * server that reads a body and answers `{}` and does nothing else. Says its URL in a line, and in the end how many events
 * it has handed on and what CPU it took since it said so.
 */

const [directory = '.', configFile] = process.argv.slice(2)
let before = process.cpuUsage()

async function serveBare(): Promise<void> {
  let events = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      events++
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port }: Pick<AddressInfo, 'port'> = addressOf(server.address())
  sayUrl(`http://127.0.0.1:${port}/hooks`)
  await text(process.stdin)
  server.closeAllConnections()
  server.close()
  sayResult(events)
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port')
  return address
}

async function servePipelines(file: string): Promise<void> {
  const nowMs = (): number => Date.now()
  const sets = [
    'service.pipelines.sessions.receivers=[claude_hooks]',
    'receivers.claude_hooks.endpoint=127.0.0.1:0',
    `service.storage.directory=${directory}`,
  ]
  const sources = [{ file, text: readFileSync(file, 'utf8') }]
  const config = loadConfig({ sources, sets, env: process.env }, components)
  const log: Logger = {
    debug() {},
    info({ url }) {
      if (typeof url === 'string') sayUrl(url)
    },
    warn() {},
    error() {},
  }
  const store = await openStore({ directory, mode: 'write', nowMs })
  const service = new Service({ config, store, nowMs, loggerFor: () => log })
  await service.start()
  await text(process.stdin)
  await service.stop()
  await store.close()
  sayResult(service.accounts().get('receiver/claude_hooks')?.settled.used ?? 0)
}

function sayUrl(url: string): void {
  before = process.cpuUsage()
  say(url)
}

function sayResult(used: number): void {
  const { user, system } = process.cpuUsage(before)
  say(JSON.stringify({ used, cpuMs: (user + system) / 1000 }))
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

await (configFile === undefined ? serveBare() : servePipelines(configFile))
