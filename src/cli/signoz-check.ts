import { join } from 'node:path'
import type { SendOutcome } from '#src/delivery/answer.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'
import { type Check, checksText } from './check-list.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import { type NetworkSender, networkSenders } from './network-senders.ts'
import type { SignozCheckOptions } from './options.ts'
import { versionOf } from './signoz-version.ts'

const KEY_HINTS: Readonly<Record<string, string>> = {
  status_401: 'the key is missing or wrong',
  status_403: 'the key may not do this',
  grpc_unauthenticated: 'the key is missing or wrong',
  grpc_permission_denied: 'the key may not do this',
}

const CONNECTION_HINTS: Readonly<Record<string, string>> = {
  grpc_unavailable: 'nothing listens there, or it is no gRPC: OTLP over gRPC is mostly port 4317, and over HTTP 4318',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'something else listens there: OTLP over HTTP is mostly port 4318, and over gRPC 4317',
  ENOTFOUND: 'the host name is wrong or this machine has no DNS',
  EAI_AGAIN: 'the host name cannot be looked up right now',
  timeout: 'no answer in time: a firewall, or the wrong address',
  web_page: 'a web page answers there: OTLP over HTTP is mostly port 4318',
  status_404: 'there is no OTLP at this address: give it without /v1/metrics',
  status_405: 'there is no OTLP at this address: give it without /v1/metrics',
  status_429: 'it takes in less than it gets: wait, or raise its limits',
  status_503: 'it is starting or overloaded: wait',
}

const SIGNOZ_HINTS: Readonly<Record<string, string>> = {
  ...CONNECTION_HINTS,
  ECONNREFUSED:
    'nothing listens there; a new SigNoz opens its port only when its first organisation exists (open its page and sign up)',
  ECONNRESET: 'something else listens there; OTLP over HTTP is port 4318 of SigNoz, 4317 is gRPC',
  ENOTFOUND: 'the host name is wrong or this machine has no DNS; inside Docker it is signoz-ingester',
  web_page: 'a web page answers there; OTLP over HTTP is port 4318 of SigNoz, 8080 is its page',
  status_404: 'there is no OTLP at this address: give it without /v1/metrics, and with port 4318',
  status_405: 'there is no OTLP at this address: give it without /v1/metrics, and with port 4318',
}

/** Asks SigNoz, and whatever else telemetry is sent on to, whether they take it in, and says what is wrong. */
export async function checkSignoz(options: SignozCheckOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const { directory } = config.service.storage
  const url = options.url ?? (io.env.SIGNOZ_URL || undefined)
  const checks: Check[] = []
  for (const exporter of networkSenders(config)) checks.push(...(await checkExporter(exporter, directory, url)))
  if (checks.length === 0) {
    const hint = 'add `signoz: { endpoint: http://127.0.0.1:4318 }` to `exporters` and to a pipeline'
    const found = 'the configuration has no exporter of this type, nor an `otlp`'
    checks.push({ check: 'signoz', ok: false, found, hint })
  }
  io.stdout.write(options.json ? `${JSON.stringify(checks, null, 2)}\n` : checksText(checks))
  return checks.every(({ ok }) => ok) ? EXIT.fine : EXIT.finding
}

async function checkExporter(exporter: NetworkSender, directory: string, url?: string): Promise<readonly Check[]> {
  const { id, endpoint, hintWhenOff, probes } = exporter
  const sender = await exporter.open()
  if (sender === undefined) {
    // Nobody has to use it.
    return [{ check: id, ok: true, found: 'off: it has no endpoint, and nothing is sent', hint: hintWhenOff }]
  }
  try {
    const checks: Check[] = []
    for (const probe of probes) {
      const outcome = await sender.send(probe, new AbortController().signal)
      checks.push(probeCheck(`${id} ${endpoint}${probe.path}`, outcome, exporter))
    }
    if (exporter.isSignoz) checks.push(await versionCheck(exporter, url))
    return [...checks, ...(await storedChecks(id, directory))]
  } finally {
    sender.close()
  }
}

function probeCheck(check: string, outcome: SendOutcome, { keyHint, isSignoz }: NetworkSender): Check {
  if (outcome.kind === 'delivered') {
    if (outcome.understood) return { check, ok: true, found: `takes requests in (${outcome.status || 'OK'})` }
    const hint = 'what answers there may not be an OTLP receiver'
    return { check, ok: false, found: `answers ${outcome.status} with what is no OTLP answer`, hint }
  }
  const said = outcome.message === undefined || outcome.message === '' ? '' : `: ${outcome.message}`
  if (outcome.kind === 'refused')
    return { check, ok: false, found: `refuses an empty request (${outcome.status})${said}` }
  const key = KEY_HINTS[outcome.reason]
  const hints = isSignoz ? SIGNOZ_HINTS : CONNECTION_HINTS
  const hint = key === undefined ? hints[outcome.reason] : `${key}: ${keyHint}`
  return { check, ok: false, found: `${outcome.reason}${said}`, ...(hint !== undefined && { hint }) }
}

async function versionCheck({ id, endpoint }: NetworkSender, url: string | undefined): Promise<Check> {
  const check = `${id} version`
  const page = url ?? pageBeside(endpoint)
  if (page === undefined) return { check, ok: true, found: 'not asked; say where its page is with --url or SIGNOZ_URL' }
  const version = await versionOf(page)
  if (version === undefined)
    return { check, ok: true, found: `unknown: ${page} does not tell; say where its page is with --url or SIGNOZ_URL` }
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
