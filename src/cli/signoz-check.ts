import { join } from 'node:path'
import type { SendOutcome } from '#src/delivery/answer.ts'
import { HttpSender } from '#src/delivery/http-sender.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'
import { type Check, checksText } from './check-list.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { SignozCheckOptions } from './options.ts'
import { type SignozExporter, signozExporters } from './signoz-exporters.ts'
import { versionOf } from './signoz-version.ts'

/** What an OTLP request without content is, in JSON; in protobuf it is empty. */
const PROBES = [
  { path: '/v1/metrics', json: '{"resourceMetrics":[]}' },
  { path: '/v1/logs', json: '{"resourceLogs":[]}' },
]

const CONNECTION_HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'nothing listens there; a new SigNoz opens its port only when its first organisation exists (open its page and sign up)',
  ECONNRESET: 'something else listens there; OTLP over HTTP is port 4318 of SigNoz, 4317 is gRPC',
  ENOTFOUND: 'the host name is wrong or this machine has no DNS; inside Docker it is signoz-ingester',
  EAI_AGAIN: 'the host name cannot be looked up right now',
  timeout: 'no answer in time: a firewall, or the wrong address',
  web_page: 'a web page answers there; OTLP over HTTP is port 4318 of SigNoz, 8080 is its page',
  status_401: 'the ingestion key is missing or wrong: set SIGNOZ_INGESTION_KEY (SigNoz Cloud: Settings, Ingestion)',
  status_403: 'the ingestion key may not do this: set SIGNOZ_INGESTION_KEY (SigNoz Cloud: Settings, Ingestion)',
  status_404: 'there is no OTLP at this address: give it without /v1/metrics, and with port 4318',
  status_405: 'there is no OTLP at this address: give it without /v1/metrics, and with port 4318',
  status_429: 'it takes in less than it gets: wait, or raise its limits',
  status_503: 'it is starting or overloaded: wait',
}

/** Asks SigNoz whether it takes in what agentperf sends, and says what is wrong. */
export async function checkSignoz(options: SignozCheckOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const { directory } = config.service.storage
  const checks: Check[] = []
  for (const exporter of signozExporters(config))
    checks.push(...(await checkExporter(exporter, directory, options.url)))
  if (checks.length === 0) {
    const hint = 'add `signoz: { endpoint: http://127.0.0.1:4318 }` to `exporters` and to a pipeline'
    checks.push({ check: 'signoz', ok: false, found: 'the configuration has no exporter of this type', hint })
  }
  io.stdout.write(options.json ? `${JSON.stringify(checks, null, 2)}\n` : checksText(checks))
  return checks.every(({ ok }) => ok) ? EXIT.fine : EXIT.finding
}

async function checkExporter(exporter: SignozExporter, directory: string, url?: string): Promise<readonly Check[]> {
  const { id, target, config } = exporter
  if (target === undefined) {
    const hint = 'set SIGNOZ_OTLP_ENDPOINT (as http://127.0.0.1:4318), or `endpoint` or `region` of the exporter'
    return [{ check: id, ok: false, found: 'off: it has no endpoint', hint }]
  }
  const sender = new HttpSender(target)
  try {
    const checks: Check[] = []
    for (const { path, json } of PROBES) {
      const isJson = config.encoding === 'json'
      const contentType = isJson ? 'application/json' : 'application/x-protobuf'
      const body = Buffer.from(isJson ? json : '')
      const outcome = await sender.send({ path, contentType, items: 0, body }, new AbortController().signal)
      checks.push(probeCheck(`${id} ${target.endpoint}${path}`, outcome))
    }
    return [...checks, await versionCheck(exporter, url), ...(await storedChecks(id, directory))]
  } finally {
    sender.close()
  }
}

function probeCheck(check: string, outcome: SendOutcome): Check {
  if (outcome.kind === 'delivered') {
    if (outcome.understood) return { check, ok: true, found: `takes requests in (${outcome.status})` }
    const hint = 'what answers there may not be an OTLP receiver'
    return { check, ok: false, found: `answers ${outcome.status} with what is no OTLP answer`, hint }
  }
  const said = outcome.message === undefined || outcome.message === '' ? '' : `: ${outcome.message}`
  if (outcome.kind === 'refused')
    return { check, ok: false, found: `refuses an empty request (${outcome.status})${said}` }
  const hint = CONNECTION_HINTS[outcome.reason]
  return { check, ok: false, found: `${outcome.reason}${said}`, ...(hint !== undefined && { hint }) }
}

async function versionCheck({ id, config, target }: SignozExporter, url: string | undefined): Promise<Check> {
  const check = `${id} version`
  const page = url ?? (config.region === undefined ? pageBeside(target?.endpoint ?? '') : undefined)
  if (page === undefined) return { check, ok: true, found: 'not asked; say where its page is with --url' }
  const version = await versionOf(page)
  if (version === undefined)
    return { check, ok: true, found: `unknown: ${page} does not tell; say where its page is with --url` }
  const { text, setupCompleted } = version
  if (setupCompleted) return { check, ok: true, found: text }
  return { check, ok: false, found: text, hint: `it has no organisation yet and takes nothing in: sign up at ${page}` }
}

/** SigNoz's page has a port of its own on the same host. */
export function pageBeside(endpoint: string): string | undefined {
  const { protocol, hostname } = new URL(endpoint)
  return protocol === 'https:' ? undefined : `http://${hostname}:8080`
}

async function storedChecks(id: string, directory: string): Promise<readonly Check[]> {
  const { queues, deadLetters } = layoutOf(directory)
  const name = safeFileName(id)
  const queue = await RequestFolder.open(join(queues, name), Number.POSITIVE_INFINITY)
  const refused = await RequestFolder.open(join(deadLetters, name), Number.POSITIVE_INFINITY)
  return [
    { check: `${id} queue`, ok: true, found: `${queue.count} requests wait (${queue.bytes} bytes)` },
    refused.count === 0
      ? { check: `${id} dead letters`, ok: true, found: 'none' }
      : {
          check: `${id} dead letters`,
          ok: false,
          found: `${refused.count} requests were refused for good`,
          hint: '«agentperf dead-letter list» says why',
        },
  ]
}
