import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { ClaudeProcess } from '../e2e/claude-process.ts'
import { installClaudeCode } from '../e2e/install.ts'
import { ModelApi } from '../e2e/model-api.ts'
import { TOUR } from '../e2e/scripts.ts'
import { hooksOf, PROTOCOLS, telemetryOf } from '../e2e/sources.ts'
import { usageOf } from '../e2e/stage.ts'
import { Unavailable } from '../e2e/unavailable.ts'
import { BASE_IMAGE, docker, dockerOk, REPOSITORY, whatIsMissing } from './engine.ts'

/** The image and the compose files in a real engine, with a stand-in for SigNoz on a network of its own. */

const NAME = `agentperf-test-${process.pid}`
const USER = 1000
const PORTS = ['4327', '4328', '4319', '13133']
const TIMEOUT_MS = 60_000

/** What the client would send elsewhere goes nowhere. */
const ONLY_LOOPBACK = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' }

const missing = await whatIsMissing()
console.log(missing === undefined ? 'Docker: found' : `Docker: SKIPPED, ${missing}`)

let folder: string
/** Ports that nobody else has. */
let ports: string

beforeAll(async () => {
  if (missing !== undefined) return
  folder = await mkdtemp(join(tmpdir(), 'agentperf-docker-'))
  chmodSync(folder, 0o755)
  ports = join(folder, 'ports.yaml')
  const published = PORTS.map((port) => `      - 127.0.0.1::${port}\n`).join('')
  writeFileSync(ports, `services:\n  agentperf:\n    ports: !override\n${published}`)
  await dockerOk(['build', '--network', 'host', '-f', 'docker/Dockerfile', '-t', NAME, '.'])
  await dockerOk(['network', 'create', NAME])
  const script = join(REPOSITORY, 'test/docker/fake-signoz.mjs')
  const run = ['run', '-d', '--init', '--name', NAME, '--network', NAME, '--network-alias', 'signoz-ingester']
  await dockerOk([...run, '-v', `${script}:/fake-signoz.mjs:ro`, BASE_IMAGE, 'node', '/fake-signoz.mjs'])
}, 300_000)

afterAll(async () => {
  if (missing !== undefined) return
  await docker(['rm', '-f', NAME])
  await docker(['network', 'rm', NAME])
  await docker(['rmi', NAME])
  await rm(folder, { recursive: true, force: true })
}, TIMEOUT_MS)

beforeEach((context) => {
  if (missing !== undefined) context.skip(missing)
})

const FILES = ['-f', 'docker/compose.yaml']
const WITH_SIGNOZ = [...FILES, '-f', 'docker/compose.signoz.yaml']

test.for([
  { files: FILES, network: undefined, endpoint: '' },
  { files: WITH_SIGNOZ, network: 'signoz-network', endpoint: 'http://signoz-ingester:4318' },
  {
    files: ['--env-file', 'docker/signoz-compose.env', ...WITH_SIGNOZ],
    network: 'signoz-net',
    endpoint: 'http://signoz-otel-collector:4318',
  },
])('compose accepts $files, and publishes on 127.0.0.1 only', async ({ files, network, endpoint }) => {
  const { services, networks } = JSON.parse(await dockerOk(['compose', ...files, 'config', '--format', 'json']))
  const { agentperf } = services
  expect(agentperf.ports.map((port: { host_ip: string }) => port.host_ip)).toEqual(PORTS.map(() => '127.0.0.1'))
  expect(agentperf.ports.map((port: { published: string }) => port.published)).toEqual(PORTS)
  expect(agentperf).toMatchObject({ read_only: true, cap_drop: ['ALL'], user: '1000:1000' })
  expect(agentperf.environment.SIGNOZ_OTLP_ENDPOINT).toBe(endpoint)
  expect(networks.signoz).toEqual(
    network === undefined ? undefined : expect.objectContaining({ name: network, external: true }),
  )
})

test('it works alone: hooks on the host reach it, and its files are the user’s', async () => {
  const project = await started('alone', FILES)
  await sendSession(await project.hooksUrl(), 'alone-1')
  const ledger = join(project.claude, 'telemetry', 'history', 'kpis.jsonl')
  await until(() => readFileSync(ledger, 'utf8').includes('alone-1'), 'the session is in the ledger')
  expect(statSync(ledger).uid).toBe(USER)
  expect(await project.exec('agentperf', 'sessions')).toContain('alone-1')
  const touch = await docker([...project.compose, 'exec', '-T', 'agentperf', 'touch', '/app/x'], { env: project.env })
  expect(touch.err).toContain('Read-only')
  expect(await project.exec('id', '-u')).toBe(String(USER))
  expect(await project.stop()).toBe('0')
}, 120_000)

test('next to SigNoz: a session on the host becomes metrics there', async () => {
  const project = await started('signoz', WITH_SIGNOZ, { SIGNOZ_NETWORK: NAME })
  await sendSession(await project.hooksUrl(), 'signoz-1')
  await until(async () => (await seen()).length >= 2, 'metrics and a log record came')
  const [metrics, logs] = await seen()
  expect([metrics?.path, logs?.path]).toEqual(['/v1/metrics', '/v1/logs'])
  const text = JSON.stringify(metrics?.body)
  expect(text).toContain('"agent.performance.error_rate"')
  expect(text).not.toContain('signoz-1')
  expect(JSON.stringify(logs?.body)).toContain('signoz-1')
  expect(await project.exec('agentperf', 'signoz', 'check')).toContain('takes requests in (200)')
  // It has the dashboards, and lacks the login.
  const provision = await docker([...project.compose, 'exec', '-T', 'agentperf', 'agentperf', 'signoz', 'provision'], {
    env: project.env,
  })
  expect(provision).toMatchObject({ code: 3, err: expect.stringContaining('Set SIGNOZ_API_KEY') })
  expect(await project.stop()).toBe('0')
}, 120_000)

test('a real Claude Code on the host: its session becomes metrics behind the container', async (context) => {
  const claude = await installClaudeCode().catch((error: unknown) => {
    if (!(error instanceof Unavailable)) throw error
    console.log(`Claude Code: SKIPPED, ${error.message}`)
    return context.skip(error.message)
  })
  process.env.AGENTPERF_E2E_CLAUDE = claude
  const api = new ModelApi(TOUR)
  onTestFinished(() => api.stop())
  const modelUrl = await api.start()
  // Both are the same user's, as on anybody's machine.
  const user = { AGENTPERF_UID: String(process.getuid?.()), AGENTPERF_GID: String(process.getgid?.()) }
  const project = await started('client', WITH_SIGNOZ, { SIGNOZ_NETWORK: NAME, ...user })
  const [otlp] = PROTOCOLS
  const sources = { otlp, hooks: true, transcripts: true }
  const [hooksUrl, otlpUrl] = [await project.hooksUrl(), await project.otlpUrl()]
  const listening = { urlOf: (said: string) => (said === otlp.said ? otlpUrl : hooksUrl) }
  const home = dirname(project.claude)
  const env = { ...telemetryOf(sources, listening), ...ONLY_LOOPBACK }
  const hooks = hooksOf(sources, listening)
  const client = new ClaudeProcess({ home, modelUrl, env, hooks }, '[script:tour] Take the tour.')
  onTestFinished(() => client.kill())
  const { session_id: session, is_error: failed } = await client.result()
  expect(failed).toBe(false)

  const usage = usageOf(api.answered)
  const told = `"totals.output_tokens","value":{"intValue":${usage.output_tokens}}`
  const lastRecord = async () => {
    const logs = (await seen()).filter(({ path }) => path === '/v1/logs')
    return JSON.stringify(logs.findLast(({ body }) => JSON.stringify(body).includes(session)))
  }
  await until(async () => (await lastRecord()).includes(told), 'a record with all tokens of the session came').catch(
    async (error: unknown) => {
      expect(await lastRecord(), await project.exec('agentperf', 'sessions')).toContain(told)
      throw error
    },
  )
  const metrics = (await seen()).filter(({ path }) => path === '/v1/metrics').map(({ body }) => JSON.stringify(body))
  for (const kpi of ['token_efficiency', 'error_rate', 'tokens', 'session.duration'])
    expect(
      metrics.some((body) => body.includes(`"agent.performance.${kpi}"`)),
      kpi,
    ).toBe(true)
  expect(metrics.join()).not.toContain(session)
  expect(await project.stop()).toBe('0')
}, 300_000)

test('without the folders of Claude Code it says which is missing', async () => {
  const env = { CLAUDE_CONFIG_DIR: join(folder, 'nowhere'), AGENTPERF_IMAGE: NAME }
  const compose = ['compose', '-p', `${NAME}-nowhere`, ...FILES, '-f', ports]
  const { code, err } = await docker([...compose, 'up', '-d', '--no-build'], { env })
  await docker([...compose, 'down'], { env })
  expect(code).not.toBe(0)
  expect(err).toContain(join(folder, 'nowhere'))
}, 60_000)

async function started(name: string, files: readonly string[], further: Readonly<Record<string, string>> = {}) {
  const claude = join(folder, name, '.claude')
  for (const sub of ['projects', 'agents', 'telemetry']) {
    mkdirSync(join(claude, sub), { recursive: true })
    if (process.getuid?.() === 0 && further.AGENTPERF_UID === undefined) chownSync(join(claude, sub), USER, USER)
  }
  const env = { CLAUDE_CONFIG_DIR: claude, AGENTPERF_IMAGE: NAME, ...further }
  const compose = ['compose', '-p', `${NAME}-${name}`, ...files, '-f', ports]
  const run = (...args: readonly string[]): Promise<string> => dockerOk([...compose, ...args], { env })
  const up = await docker([...compose, 'up', '-d', '--no-build', '--wait', '--wait-timeout', '60'], { env })
  expect(up.code, `${up.err}${await run('logs')}`).toBe(0)
  return {
    claude,
    compose,
    env,
    exec: (...args: readonly string[]) => run('exec', '-T', 'agentperf', ...args),
    hooksUrl: async () => `http://${await run('port', 'agentperf', '4319')}/hooks`,
    otlpUrl: async () => `http://${await run('port', 'agentperf', '4328')}`,
    /** @returns its exit code */
    async stop() {
      await run('stop')
      const id = await run('ps', '-aq', 'agentperf')
      const code = await dockerOk(['inspect', '-f', '{{.State.ExitCode}}', id])
      await run('down', '-v')
      return code
    },
  }
}

async function sendSession(url: string, session: string): Promise<void> {
  const events = [
    { hook_event_name: 'SessionStart', source: 'startup' },
    { hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_use_id: 't1', duration_ms: 500 },
    { hook_event_name: 'SessionEnd', reason: 'prompt_input_exit' },
  ]
  for (const event of events) {
    const body = JSON.stringify({ session_id: session, ...event })
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    expect(response.status).toBe(200)
  }
}

async function seen(): Promise<readonly { readonly path: string; readonly body: unknown }[]> {
  const ask = "fetch('http://127.0.0.1:4318/seen').then(async (r) => console.log(await r.text()))"
  return JSON.parse(await dockerOk(['exec', NAME, 'node', '-e', ask]))
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + TIMEOUT_MS
  while (
    !(await Promise.resolve()
      .then(condition)
      .catch(() => false))
  ) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${TIMEOUT_MS} ms: ${what}`)
    await sleep(100)
  }
}
