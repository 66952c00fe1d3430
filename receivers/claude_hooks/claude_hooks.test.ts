import { mkdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type * as z from 'zod'
import type { Decisions, Next } from '#src/component.ts'
import { EnvironmentError } from '#src/errors.ts'
import { type RunningReceiver, runReceiver } from '#src/net/running-receiver.fixture.ts'
import { eventOf } from '#src/suggestion/suggestion-event.fixture.ts'
import { claudeHooks } from './claude_hooks.ts'
import { configSchema } from './config.ts'

const ID = 'claude_hooks/test'
const JSON_TYPE = { 'content-type': 'application/json' }

interface Input {
  readonly config?: z.input<typeof configSchema>
  readonly next?: Next<'telemetry'>
  readonly decisions?: Decisions
}

function start({ config, next, decisions }: Input = {}): Promise<RunningReceiver> {
  const parsed = configSchema.parse({ endpoint: '127.0.0.1:0', ...config })
  return runReceiver({ factory: claudeHooks, id: ID, config: parsed, next, decisions })
}

const hook = (n: number, rest: object = {}): object => ({
  session_id: 's1',
  hook_event_name: 'PostToolUse',
  tool_name: 'Bash',
  tool_use_id: `t${n}`,
  ...rest,
})

interface Answer {
  readonly status: number
  readonly body: string
}

async function post(url: string, body: string | object, init: RequestInit = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, { method: 'POST', headers: JSON_TYPE, body: text, ...init })
  return { status: response.status, body: await response.text() }
}

const PROPOSED = eventOf('proposed')
const OK = { status: 200, body: '{}' }

describe('a hook event', () => {
  test('is answered with an empty object and handed on as a log record', async () => {
    const { url, received, untilReceived, account } = await start()
    expect(await post(url, hook(1))).toEqual(OK)
    await untilReceived(1)
    expect(received).toMatchObject([
      { kind: 'log', eventName: 'claude_hook.PostToolUse', attributes: { 'session.id': 's1', tool_use_id: 't1' } },
    ])
    expect(account()).toMatchObject({ received: 1, held: 0, settled: { used: 1 }, noticed: {}, unknownNames: {} })
  })

  test('may have any parameters of its type and any query', async () => {
    const { url, untilReceived } = await start()
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect(await post(`${url}?from=codex`, hook(1), { headers })).toEqual(OK)
    await untilReceived(1)
  })

  test.for<[name: string, event: object, agentType: string | undefined]>([
    ['is of the agent type that the address says', {}, 'codex'],
    ['that tells its agent type itself is of that one', { agent_type: 'mine' }, 'mine'],
    ['of a subagent has no other', { agent_id: 'a1' }, undefined],
    ['that tells an agent type of null tells none', { agent_type: null }, 'codex'],
    ['that tells an empty agent type tells none', { agent_type: '' }, 'codex'],
    ['whose subagent is null is of none', { agent_id: null }, 'codex'],
  ])('%s', async ([, event, agentType]) => {
    const { url, received, untilReceived } = await start()
    expect(await post(`${url}?agent_type=codex`, hook(1, event))).toEqual(OK)
    await untilReceived(1)
    expect(received[0]?.attributes.agent_type).toBe(agentType)
  })

  test('has no more of the address than a name is long', async () => {
    const { url, received, untilReceived } = await start()
    expect(await post(`${url}?agent_type=${'x'.repeat(5000)}`, hook(1))).toEqual(OK)
    await untilReceived(1)
    expect(received[0]?.attributes.agent_type).toBe('x'.repeat(100))
  })

  test('that nobody knows is kept with its name, and so are unknown fields', async () => {
    const { url, received, untilReceived, account } = await start()
    await post(url, { session_id: 's1', hook_event_name: 'Sneeze', loudness: 3 })
    await post(url, hook(1, { mood: 'good' }))
    await untilReceived(2)
    expect(received[0]).toMatchObject({ eventName: 'claude_hook.Sneeze', attributes: { 'session.id': 's1' } })
    expect(account().unknownNames).toEqual({ 'PostToolUse.mood': 1 })
  })

  test.for([
    { what: 'no JSON', body: 'hello', reason: 'invalid_json' },
    { what: 'nothing', body: '', reason: 'invalid_json' },
    { what: 'JSON that is cut off', body: '{"hook_event_name":"Stop"', reason: 'invalid_json' },
    { what: 'a list', body: '[]', reason: 'not_a_hook_event' },
    { what: 'null', body: 'null', reason: 'not_a_hook_event' },
    { what: 'an object without a name', body: '{"session_id":"s1"}', reason: 'not_a_hook_event' },
    { what: 'a name that is no text', body: '{"hook_event_name":["Stop"]}', reason: 'not_a_hook_event' },
    { what: 'a start that is cut off', body: '{"hook_event_name":"SessionStart"', reason: 'invalid_json' },
    { what: 'a million lists in each other', body: '['.repeat(2 ** 21), reason: 'too_complex' },
    { what: 'more than max_body_size', body: `"${'x'.repeat(5 * 2 ** 20)}"`, reason: 'too_large' },
  ])('of $what is answered like any other and dropped: $reason', async ({ body, reason }) => {
    const { url, account, logged, received } = await start({ config: { max_body_size: '4MiB' } })
    expect(await post(url, body)).toEqual(OK)
    while (account().received < 1) await sleep(2)
    expect(account()).toMatchObject({ received: 1, settled: { [`dropped:${reason}`]: 1 } })
    expect(logged.filter(({ level }) => level === 'warn')).toMatchObject([{ fields: { reason } }])
    expect(received).toEqual([])
  })
})

test.for([
  { what: 'another path', path: '/hook', init: {}, status: 404 },
  { what: 'another method', path: '/hooks', init: { method: 'GET', body: null }, status: 405 },
  {
    what: 'a type that web pages may send',
    path: '/hooks',
    init: { headers: { 'content-type': 'text/plain' } },
    status: 415,
  },
  { what: 'no type', path: '/hooks', init: { headers: {} }, status: 415 },
])('$what is refused with $status', async ({ path, init, status }) => {
  const { url, account } = await start()
  const answer = await post(url.replace('/hooks', path), new Blob(['{}']) as unknown as string, init)
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.body)).toHaveProperty('error')
  expect(account().noticed).toEqual({ [`requests_refused_${status}`]: 1 })
})

test.for<{ what: string; headers: Record<string, string>; allowed?: string[]; status: number }>([
  { what: 'a web page', headers: { origin: 'https://example.org' }, status: 403 },
  { what: 'a web page of this machine', headers: { origin: 'http://localhost:3000' }, status: 403 },
  { what: 'a name that leads here', headers: { host: 'rebound.example.org:4319' }, status: 403 },
  { what: 'a name that begins like this machine’s', headers: { host: 'localhost.example.org' }, status: 403 },
  { what: 'the name of a container', headers: { host: 'agentperf:4319' }, status: 403 },
  { what: 'a name that is allowed', headers: { host: 'AgentPerf:4319' }, allowed: ['agentperf'], status: 200 },
  {
    what: 'a name that is allowed with its port',
    headers: { host: 'agentperf' },
    allowed: ['agentperf:4319'],
    status: 200,
  },
  { what: 'localhost', headers: { host: 'localhost:4319' }, status: 200 },
  { what: 'an address of this machine', headers: { host: '[::1]:4319' }, status: 200 },
])('what comes from $what is answered with $status', async ({ headers, allowed = [], status }) => {
  const { url, account } = await start({ config: { allowed_hosts: allowed } })
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  // fetch does not let one choose the host.
  const asked = request(url, { method: 'POST', headers: { ...JSON_TYPE, ...headers } }, (answer) => {
    answer.resume()
    resolve(answer.statusCode)
  })
  asked.end(JSON.stringify(hook(1)))
  expect(await promise).toBe(status)
  if (status === 403) expect(account()).toMatchObject({ received: 0, noticed: { requests_refused_403: 1 } })
})

describe('while the pipeline is slow', () => {
  test('events wait in order; when the queue is full they are dropped, and the agent never notices', async () => {
    const gate = Promise.withResolvers<void>()
    const running = await start({ config: { queue_size: '16KiB' }, next: () => gate.promise })
    for (let n = 0; n < 40; n++) expect(await post(running.url, hook(n, { filler: 'x'.repeat(3000) }))).toEqual(OK)
    const { received, held, settled } = running.account()
    expect(received).toBe(40)
    expect(settled['dropped:queue_full']).toBe(40 - held)
    expect(held).toBeGreaterThan(1)
    expect(held).toBeLessThan(20)
    gate.resolve()
    await running.untilReceived(held)
    const ids = running.received.map(({ attributes }) => attributes.tool_use_id)
    expect(ids).toEqual(Array.from({ length: held }, (_, n) => `t${n}`))
    await post(running.url, hook(99))
    await running.untilReceived(held + 1)
  })

  test('stopping hands on what was answered, and drops what comes later', async () => {
    const gate = Promise.withResolvers<void>()
    const running = await start({ next: () => gate.promise })
    for (let n = 0; n < 5; n++) await post(running.url, hook(n))
    const stopped = running.receiver.stop()
    expect(await post(running.url, hook(9))).toEqual(OK)
    gate.resolve()
    await stopped
    expect(running.received).toHaveLength(5)
    expect(running.account()).toMatchObject({ received: 6, held: 0, settled: { used: 5, 'dropped:stopping': 1 } })
  })

  test('a sender that disappears gives its memory back and counts as nothing', async () => {
    const running = await start({ config: { queue_size: '4KiB' } })
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1')
    socket.write(
      `POST /hooks HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n${' '.repeat(3900)}`,
    )
    await sleep(50)
    socket.destroy()
    const large = (n: number) => hook(n, { filler: 'x'.repeat(3000) })
    for (let n = 0; running.received.length === 0; n++) await post(running.url, large(n))
    expect(running.account().settled).not.toHaveProperty('dropped:too_large')
  })
})

describe('what the agent is told', () => {
  const decisions: Decisions = {
    answerHook: ({ hook_event_name, session_id }, nowMs) => ({
      body: { additionalContext: `${String(hook_event_name)} of ${String(session_id)} at ${nowMs}` },
      events: session_id === 'recorded' ? [PROPOSED] : [],
    }),
    nameAgentTypes() {},
    tellAlarms() {},
  }

  test.for(['SessionStart', 'SubagentStart', 'UserPromptSubmit'])(
    '%s gets the answer of the decisions',
    async (name) => {
      const { url } = await start({ decisions })
      const { status, body } = await post(url, { session_id: 's1', hook_event_name: name, filler: 'ü'.repeat(10) })
      expect(status).toBe(200)
      expect(JSON.parse(body).additionalContext).toMatch(new RegExp(`^${name} of s1 at \\d+$`))
    },
  )

  test('what the address says of the agent type decides the answer', async () => {
    const asked: unknown[] = []
    const asking: Decisions = {
      ...decisions,
      answerHook(event, nowMs) {
        asked.push(event.agent_type)
        return decisions.answerHook(event, nowMs)
      },
    }
    const { url } = await start({ decisions: asking })
    for (const query of ['?agent_type=codex', '?agent_type=', '?other=codex', ''])
      await post(`${url}${query}`, { session_id: 's1', hook_event_name: 'SessionStart' })
    expect(asked).toEqual(['codex', undefined, undefined, undefined])
  })

  test('other events get none, whatever stands in them', async () => {
    const { url } = await start({ decisions })
    expect(await post(url, hook(1, { tool_input: { text: 'SessionStart' } }))).toEqual(OK)
  })

  test('an answer that must be recorded first is recorded when it comes', async () => {
    const { url, directory } = await start({ decisions })
    const { body } = await post(url, { session_id: 'recorded', hook_event_name: 'SessionStart' })
    expect(body).toContain('SessionStart of recorded')
    const ledger = readFileSync(join(directory, 'history', 'suggestions.jsonl'), 'utf8')
    expect(JSON.parse(ledger)).toEqual(PROPOSED)
  })

  test('an answer that cannot be recorded is not given', async () => {
    const { url, directory, account } = await start({ decisions })
    mkdirSync(join(directory, 'history', 'suggestions.jsonl'))
    expect(await post(url, { session_id: 'recorded', hook_event_name: 'SessionStart' })).toEqual(OK)
    expect(account().noticed).toEqual({ answers_failed: 1 })
  })

  test('decisions that fail are an empty answer, and the event counts', async () => {
    const failing: Decisions = {
      answerHook() {
        throw new Error('secret')
      },
      nameAgentTypes() {},
      tellAlarms() {},
    }
    const { url, account, logged, untilReceived } = await start({ decisions: failing })
    expect(await post(url, { session_id: 's1', hook_event_name: 'SessionStart' })).toEqual(OK)
    await untilReceived(1)
    expect(account().noticed).toEqual({ answers_failed: 1 })
    expect(JSON.stringify(logged)).not.toContain('secret')
  })
})

test('a taken port says by whom, and how to choose another', async () => {
  const { url } = await start()
  const second = start({ config: { endpoint: new URL(url).host } })
  await expect(second).rejects.toThrow(EnvironmentError)
  await expect(second).rejects.toThrow(`--set receivers.${ID}.endpoint=127.0.0.1:<port>`)
})

test.for(['4319', 'localhost', ''])('%j is no endpoint', (endpoint) => {
  expect(configSchema.safeParse({ endpoint }).success).toBe(false)
})
