import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { layoutOf } from '#src/store/layout.ts'

/** Linux counts CPU time in hundredths of a second. */
const TICK_MS = 10
const POLL_MS = 100
const READY = 'Everything is ready'

/** A running receiver of OTLP in a process of its own. */
export interface Subject {
  readonly url: string
  /** User and system time of all threads since its start, in steps of 10 ms. */
  cpuMs(): number
  maxRssBytes(): number
  /** Waits until it has nothing more to do with what was sent. */
  settled(sessions: number): Promise<void>
  stop(): Promise<void>
}

/** Starts the built bundle with the shipped pipelines.yaml. @param directory an empty one for its state */
export async function startAgentperf(command: string, directory: string): Promise<Subject> {
  const sets = [
    `receivers.jsonl_file.include=${JSON.stringify([join(directory, 'none-*.jsonl')])}`,
    'receivers.otlp.protocols.http.endpoint=127.0.0.1:0',
    'receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0',
    'receivers.claude_hooks.endpoint=127.0.0.1:0',
    'service.admin.endpoint=127.0.0.1:0',
    `service.storage.directory=${directory}`,
  ]
  const child = spawn(process.execPath, [command, 'run', ...sets.flatMap((set) => ['--set', set])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said = await untilSaid(child, READY)
  const [, url = ''] = /"url":"([^"]+)","msg":"takes in OTLP"/.exec(said) ?? []
  const { ledger } = layoutOf(directory)
  return {
    url,
    ...processOf(child),
    async settled(sessions) {
      while (sessionsIn(ledger) < sessions) await sleep(POLL_MS)
    },
  }
}

/** Starts an OpenTelemetry Collector whose pipelines drop everything. @param directory for its configuration */
export async function startCollector(binary: string, directory: string): Promise<Subject> {
  const endpoint = `127.0.0.1:${await freePort()}`
  const pipeline = { receivers: ['otlp'], exporters: ['debug'] }
  // It has no exporter that does nothing; this one tells of one request in a billion.
  const debug = { verbosity: 'basic', sampling_initial: 1, sampling_thereafter: 1e9 }
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint } } } },
    exporters: { debug },
    service: { telemetry: { metrics: { level: 'none' } }, pipelines: { traces: pipeline, logs: pipeline } },
  }
  const path = join(directory, 'collector.yaml')
  await writeFile(path, JSON.stringify(config))
  const child = spawn(binary, ['--config', path], { stdio: ['ignore', 'ignore', 'pipe'] })
  await untilSaid(child, READY)
  return { url: `http://${endpoint}`, ...processOf(child), async settled() {} }
}

export function processOf(child: ChildProcess): Pick<Subject, 'cpuMs' | 'maxRssBytes' | 'stop'> {
  const file = (name: string): string => readFileSync(`/proc/${child.pid}/${name}`, 'utf8')
  return {
    cpuMs() {
      const stat = file('stat')
      // The name, which may hold spaces, is in brackets.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS
    },
    maxRssBytes: () => Number(/VmHWM:\s+(\d+) kB/.exec(file('status'))?.[1]) * 1024,
    async stop() {
      if (child.exitCode !== null) return
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    },
  }
}

export function untilSaid(child: ChildProcess, wanted: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.includes(wanted)) return
    said += text
    if (said.includes(wanted)) resolve(said)
  })
  child.once('error', reject)
  child.once('close', (code) => reject(new Error(`ended with ${code} before it was ready: ${said}`)))
  return promise
}

/** How many different sessions a ledger has. */
function sessionsIn(ledger: string): number {
  const ids = readFileSync(ledger, 'utf8').matchAll(/"session_id":"([^"]+)"/g)
  return new Set(Array.from(ids, ([, id]) => id)).size
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
