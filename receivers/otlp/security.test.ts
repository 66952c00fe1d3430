import { lstat, rename, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { credentials, status } from '@grpc/grpc-js'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import { describe, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { temporaryFolder } from '#src/net/running-receiver.fixture.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { BearerToken } from './bearer-token.ts'
import { type Certificate, selfSigned } from './certificate.fixture.ts'
import { configSchema } from './config.ts'
import { callGrpc, grpcClient, METHODS } from './grpc.fixture.ts'
import { ID, JSON_TYPE, send, spans, startReceiver } from './receiver.fixture.ts'

const ONE = JSON.stringify(spans(1))
const ONE_PROTOBUF = encodeProtobuf('traces', spans(1))
/** gRPC's client for Node wants a host name for TLS. */
const LOCALHOST = 'localhost:0'
const TOKEN = 'planted-secret'

interface TlsFixture extends Certificate {
  readonly tls: { readonly cert_file: string; readonly key_file: string }
}

async function tlsFixture(): Promise<TlsFixture> {
  const folder = await temporaryFolder()
  const { cert, key } = selfSigned()
  const tls = { cert_file: join(folder, 'cert.pem'), key_file: join(folder, 'key.pem') }
  await writeFile(tls.cert_file, cert)
  await writeFile(tls.key_file, key)
  return { cert, key, tls }
}

/** Posts one span. @returns the status */
function post(
  url: string,
  options: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly socketPath?: string },
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const open = url.startsWith('https:') ? httpsRequest : httpRequest
  const asked = open(`${url}/v1/traces`, { method: 'POST', headers: JSON_TYPE, agent: false, ...options }, (answer) => {
    answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
  })
  asked.once('error', reject)
  asked.end(ONE)
  return promise
}

async function exportSpan(exporter: SpanExporter): Promise<void> {
  const tracing = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] })
  tracing.getTracer('test').startSpan('real').end()
  await tracing.shutdown()
}

describe('TLS', () => {
  test('the OpenTelemetry SDK sends over both protocols', async () => {
    const { cert, tls } = await tlsFixture()
    const running = await startReceiver({ config: { tls }, grpc: { tls, endpoint: LOCALHOST }, nowMs: Date.now })
    expect([running.url, running.grpcUrl]).toEqual([
      expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^https:\/\/localhost:\d+$/),
    ])
    await exportSpan(
      new GrpcTraceExporter({ url: running.grpcUrl, credentials: credentials.createSsl(Buffer.from(cert)) }),
    )
    await exportSpan(new OTLPTraceExporter({ url: `${running.url}/v1/traces`, httpAgentOptions: { ca: cert } }))
    await running.untilReceived(2)
    expect(running.account()).toMatchObject({ received: 2, settled: { used: 2 }, noticed: {} })
  })

  test('who does not trust the certificate, or does not encrypt, cannot send', async () => {
    const { cert, tls } = await tlsFixture()
    const running = await startReceiver({ config: { tls }, grpc: { tls, endpoint: LOCALHOST } })
    await expect(post(running.url, {})).rejects.toThrow(/self.signed/)
    await expect(post(running.url.replace('https', 'http'), {})).rejects.toThrow()
    for (const channel of [credentials.createInsecure(), credentials.createSsl()]) {
      const answer = await callGrpc(grpcClient(running.grpcUrl, channel), METHODS.traces, ONE_PROTOBUF)
      expect(answer.code).toBe(status.UNAVAILABLE)
    }
    expect(running.received).toEqual([])
    expect(await post(running.url, { ca: cert })).toBe(200)
    expect(JSON.stringify(running.logged)).not.toContain('PRIVATE')
  })

  test('with client_ca_file only senders with a certificate of it can send', async () => {
    const { cert, tls } = await tlsFixture()
    const client = selfSigned('a sender')
    const other = selfSigned('another')
    const client_ca_file = join(await temporaryFolder(), 'ca.pem')
    await writeFile(client_ca_file, client.cert)
    const running = await startReceiver({
      config: { tls: { ...tls, client_ca_file } },
      grpc: { tls: { ...tls, client_ca_file }, endpoint: LOCALHOST },
    })
    const grpc = async (own?: Certificate): Promise<number> => {
      const channel =
        own === undefined
          ? credentials.createSsl(Buffer.from(cert))
          : credentials.createSsl(Buffer.from(cert), Buffer.from(own.key), Buffer.from(own.cert))
      return (await callGrpc(grpcClient(running.grpcUrl, channel), METHODS.traces, ONE_PROTOBUF)).code
    }
    expect(await post(running.url, { ca: cert, ...client })).toBe(200)
    expect(await grpc(client)).toBe(status.OK)
    await expect(post(running.url, { ca: cert })).rejects.toThrow()
    await expect(post(running.url, { ca: cert, ...other })).rejects.toThrow()
    expect(await grpc()).toBe(status.UNAVAILABLE)
    expect(await grpc(other)).toBe(status.UNAVAILABLE)
    await running.untilReceived(2)
    expect(running.account().received).toBe(2)
  })

  test.for(['http', 'grpc'] as const)('files that do not fit are told by their key: %s', async (protocol) => {
    const { tls, key } = await tlsFixture()
    const folder = await temporaryFolder()
    const [missing, rubbish, otherKey] = [join(folder, 'missing'), join(folder, 'rubbish'), join(folder, 'key')]
    await writeFile(rubbish, 'planted-secret')
    await writeFile(otherKey, selfSigned().key)
    const at = `receivers.${ID}.protocols.${protocol}.tls`
    for (const { wrong, message } of [
      { wrong: { cert_file: missing }, message: `cannot read ${at}.cert_file (${missing}): ENOENT` },
      { wrong: { key_file: missing }, message: `cannot read ${at}.key_file (${missing}): ENOENT` },
      { wrong: { client_ca_file: missing }, message: `cannot read ${at}.client_ca_file (${missing}): ENOENT` },
      { wrong: { cert_file: rubbish }, message: `${at}.cert_file is no certificate in PEM (${rubbish})` },
      { wrong: { key_file: rubbish }, message: `${at}.key_file is no private key in PEM (${rubbish})` },
      { wrong: { client_ca_file: rubbish }, message: `${at}.client_ca_file holds no certificate in PEM (${rubbish})` },
      { wrong: { key_file: otherKey }, message: `${at}: the key in ${otherKey} is not that of the certificate` },
    ]) {
      const config = { tls: { ...tls, ...wrong } }
      const start = startReceiver(protocol === 'http' ? { config } : { grpc: config })
      const error = await start.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(EnvironmentError)
      expect(String(error)).toContain(message)
      expect(String(error)).not.toContain('planted-secret')
      expect(String(error)).not.toContain(key)
    }
  })
})

describe('a bearer token', () => {
  test.for([
    { header: `Bearer ${TOKEN}`, fits: true },
    { header: `bearer  ${TOKEN}`, fits: true },
    { header: `Bearer ${TOKEN}x`, fits: false },
    { header: `Bearer ${TOKEN.slice(0, -1)}`, fits: false },
    { header: `Bearer ${TOKEN} more`, fits: false },
    { header: TOKEN, fits: false },
    { header: `Basic ${TOKEN}`, fits: false },
    { header: 'Bearer ', fits: false },
    { header: '', fits: false },
    { header: undefined, fits: false },
  ])('$header: $fits', ({ header, fits }) => {
    expect(new BearerToken(TOKEN).fits(header)).toBe(fits)
  })

  test('is asked of every sender, before its request is read', async () => {
    const auth = { bearer_token: TOKEN }
    const running = await startReceiver({ config: { auth }, grpc: { auth, max_recv_msg_size: '4KiB' } })
    const client = grpcClient(running.grpcUrl)
    const large = encodeProtobuf('traces', spans(500))
    const wrong = [{}, { authorization: 'Bearer nothing' }, { authorization: TOKEN }]
    for (const headers of wrong) {
      for (const path of ['/v1/traces', '/v1/nothing']) {
        const answer = await send(`${running.url}${path}`, '{', { ...JSON_TYPE, ...headers })
        expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
        expect(JSON.parse(answer.body.toString())).toEqual({
          code: 16,
          message: expect.stringContaining('bearer token'),
        })
      }
      expect(await callGrpc(client, METHODS.traces, large, headers)).toMatchObject({
        code: status.UNAUTHENTICATED,
        details: expect.stringContaining('bearer token'),
        richStatus: undefined,
      })
    }
    expect(running.account().noticed).toEqual({ requests_refused_401: 9 })
    expect(running.received).toEqual([])

    const right = { authorization: `Bearer ${TOKEN}` }
    expect((await send(`${running.url}/v1/traces`, ONE, { ...JSON_TYPE, ...right })).status).toBe(200)
    expect((await callGrpc(client, METHODS.traces, ONE_PROTOBUF, right)).code).toBe(status.OK)
    await running.untilReceived(2)
    expect(JSON.stringify(running.logged)).not.toContain(TOKEN)
  })

  test.for(['', 'two words', 'ümlaut', 'line\n'])('%j is no token', (bearer_token) => {
    for (const protocol of ['http', 'grpc']) {
      expect(configSchema.safeParse({ protocols: { [protocol]: { auth: { bearer_token } } } }).success).toBe(false)
    }
  })
})

describe('a unix socket', () => {
  async function socketPath(): Promise<string> {
    return join(await temporaryFolder(), 'otlp.sock')
  }

  test('takes in requests of the same user only, and is gone when the receiver has stopped', async () => {
    const path = await socketPath()
    const running = await startReceiver({ config: { endpoint: `unix:${path}` } })
    expect(running.url).toBe(`unix:${path}`)
    expect((await lstat(path)).mode & 0o777).toBe(0o600)
    expect(await post('http://agentperf', { socketPath: path })).toBe(200)
    await running.untilReceived(1)
    await running.receiver.stop()
    await expect(lstat(path)).rejects.toThrow('ENOENT')
  })

  test('what an earlier run left behind is replaced', async () => {
    const path = await socketPath()
    const left = createServer()
    await new Promise<void>((resolve) => left.listen(`${path}.first`, resolve))
    // Its file stays when the server closes: it is no longer where it was made.
    await rename(`${path}.first`, path)
    await new Promise((resolve) => left.close(resolve))
    expect((await lstat(path)).isSocket()).toBe(true)
    await startReceiver({ config: { endpoint: `unix:${path}` } })
    expect(await post('http://agentperf', { socketPath: path })).toBe(200)
  })

  test('one that is in use is left alone', async () => {
    const path = await socketPath()
    await startReceiver({ config: { endpoint: `unix:${path}` } })
    const second = startReceiver({ config: { endpoint: `unix:${path}` } })
    await expect(second).rejects.toThrow(EnvironmentError)
    await expect(second).rejects.toThrow(`--set receivers.${ID}.protocols.http.endpoint=unix:<path>`)
    expect(await post('http://agentperf', { socketPath: path })).toBe(200)
  })

  test('another file there is left alone', async () => {
    const path = await socketPath()
    await writeFile(path, 'mine')
    const start = startReceiver({ config: { endpoint: `unix:${path}` } })
    await expect(start).rejects.toThrow(/a file that is no socket/)
    expect((await lstat(path)).size).toBe(4)
  })

  test('a folder that is not there is told', async () => {
    const start = startReceiver({ config: { endpoint: 'unix:/no/such/folder/otlp.sock' } })
    await expect(start).rejects.toThrow(/cannot listen on unix:\/no\/such\/folder\/otlp\.sock \(ENOENT\)/)
  })

  test.for(['unix:relative', 'unix:', `unix:/${'x'.repeat(100)}`, `unix:/${'ü'.repeat(60)}`])(
    '%s is refused',
    (endpoint) => {
      expect(configSchema.safeParse({ protocols: { http: { endpoint } } }).success).toBe(false)
    },
  )
})

describe('web pages', () => {
  const fromHost = async (url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const asked = httpRequest(
      `${url}/v1/traces`,
      { method: 'POST', headers: { ...JSON_TYPE, ...headers } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      },
    )
    asked.once('error', reject)
    asked.end(ONE)
    return promise
  }

  test('cannot send, not even under a name that leads here', async () => {
    const running = await startReceiver()
    expect(await fromHost(running.url, { origin: 'https://example.org' })).toBe(403)
    expect(await fromHost(running.url, { host: 'rebound.example.org:4328' })).toBe(403)
    expect(await fromHost(running.url, { host: 'localhost:4328' })).toBe(200)
    await running.untilReceived(1)
    expect(running.account()).toMatchObject({ received: 1, noticed: { requests_refused_403: 2 } })
  })

  test('names of the configuration are no web pages', async () => {
    const running = await startReceiver({ config: { allowed_hosts: ['agentperf'] } })
    expect(await fromHost(running.url, { host: 'agentperf:4328' })).toBe(200)
  })
})

test.for([
  { protocols: undefined, on: ['http'] },
  { protocols: { http: {} }, on: ['http'] },
  { protocols: { grpc: {} }, on: ['grpc'] },
  { protocols: { http: {}, grpc: {} }, on: ['http', 'grpc'] },
  { protocols: {}, on: [] },
])('$protocols: $on', ({ protocols, on }) => {
  const parsed = configSchema.safeParse({ protocols })
  expect(Object.keys(parsed.data?.protocols ?? {})).toEqual(on)
})

test('what is no TLS on a port of TLS is refused, and the next is served', async () => {
  const { cert, tls } = await tlsFixture()
  const running = await startReceiver({ config: { tls } })
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1')
  socket.write('POST /v1/traces HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await text(socket).catch(() => {})
  expect(await post(running.url, { ca: cert })).toBe(200)
  expect(running.account().noticed).toEqual({ requests_refused_400: 1 })
})
