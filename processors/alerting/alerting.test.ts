import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { worldB } from '#src/alert/worlds.ts'
import type { Batch, Context } from '#src/component.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { seededRandom } from '#src/stats/random.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { alerting } from './alerting.ts'
import { configSchema } from './config.ts'

const SEED = 20_261_128
const NOW_MS = Date.UTC(2026, 1, 12)

let directory: string
let store: OpenStore
let logged: Readonly<Record<string, unknown>>[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-alerting-'))
  logged = []
  store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

describe('without history', () => {
  test('an ordinary session passes', async () => {
    const [line] = await judge([session('s', 0)])
    expect([line?.alert_level, line?.alerts]).toEqual(['PASS', []])
  })

  test('a critical threshold is a warning at most', async () => {
    const message = 'Error Rate 40 % is above 10 %'
    const notes = [{ code: 'critical_threshold', kpi: 'error_rate', message, threshold: 0.1 }] as const
    const [line] = await judge([session('s', 0.4, { notes })])
    expect(line?.alert_level).toBe('WARNING')
    expect(line?.alerts).toMatchObject([{ metric: 'error_rate', severity: 'WARNING', value: 0.4 }])
  })
})

describe('with history', () => {
  test('a session is judged by those committed before it', async () => {
    await commitHealthy(15)
    const [line] = await judge([session('bad', 0.6)])
    expect(line).toMatchObject({
      alert_level: 'CRITICAL',
      alerts: [{ metric: 'error_rate', reason: 'far_outside', statistics: { sessions: 15 } }],
    })
    expect(logged).toEqual([{ session: 'bad', agent_type: 'coder', alert_level: 'CRITICAL', kpis: ['error_rate'] }])
  })

  test('sessions of one batch are judged as if each came alone', async () => {
    const agent = worldB(seededRandom(SEED))
    const sessions = Array.from({ length: 40 }, (_, index) => {
      const { kpis, inputs } = agent.session(index > 25 ? { kpi: 'active_time_ratio', stdDevs: 2.5 } : undefined)
      return session(`s${index}`, 0, { kpis, evidence: evidenceOf(inputs) })
    })
    const batched = await judge(sessions)
    const single: LedgerLine[] = []
    for (const one of sessions) {
      const judged = await judge([one])
      await commit(judged)
      single.push(...judged)
    }
    expect(batched).toEqual(single)
    expect(single.some(({ alert_level: level }) => level === 'CRITICAL')).toBe(true)
  })

  test('a correction is judged by what stands before its place', async () => {
    await commitHealthy(15)
    await commit([session('bad', 0.6)])
    await commitHealthy(3, 'later')
    const [line] = await judge([session('bad', 0.5, { revision: 2 })])
    expect(line?.alerts[0]?.statistics?.sessions).toBe(15)
  })

  test('open sessions are judged, but nobody is judged by them', async () => {
    await commitHealthy(15)
    const [live, other] = await judge([session('open', 0.6), session('next', 0.6)], {}, true)
    expect([live?.alert_level, other?.alerts[0]?.statistics?.sessions]).toEqual(['CRITICAL', 15])
    expect(logged.map((fields) => fields.session)).toEqual(['next'])
  })

  test('agent types do not mix', async () => {
    await commitHealthy(15)
    const [line] = await judge([session('s', 0.6, { agent_type: 'reviewer' })])
    expect(line?.alert_level).toBe('PASS')
  })
})

describe('policy seed', () => {
  test('follows the literal matrix: more than 2 standard deviations are critical, an improvement nothing', async () => {
    const compared = {
      kpis: { cache_efficiency: 0.5, error_rate: 0 },
      baselines: { cache_efficiency: 0.94, error_rate: 0.1 },
      deviations: { cache_efficiency: 11, error_rate: -9 },
    }
    const [line] = await judge([session('s', 0, compared)], { policy: 'seed' })
    expect(line?.alert_level).toBe('CRITICAL')
    expect(line?.alerts.map(({ metric, severity }) => [metric, severity])).toEqual([['cache_efficiency', 'CRITICAL']])
  })

  test('counts the third session in a row that is worse than its own baseline', async () => {
    const worse = (id: string) =>
      session(id, 0, { kpis: { active_time_ratio: 0.5 }, deviations: { active_time_ratio: 0.5 } })
    await commit([worse('s1'), worse('s2')])
    const [line] = await judge([worse('s3')], { policy: 'seed' })
    expect(line?.alerts).toMatchObject([
      { reason: 'consecutive_regressions', trend: 'degrading', also: [{ reason: 'below_1_sigma' }] },
    ])
  })
})

test('a batch waits until the one before it was accepted, and a refusal reaches its caller', async () => {
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const processor = create({}, async ([assessment]) => {
    order.push(`begin ${assessment?.line.session_id}`)
    if (assessment?.line.session_id === 's0') await gate.promise
    if (assessment?.line.session_id === 's1') throw new Error('queue full')
  })
  const [first, second] = ['s0', 's1'].map((id) => processor.consume([{ line: session(id, 0), live: false }]))
  const refused = expect(second).rejects.toThrow('queue full')
  gate.resolve()
  await Promise.all([first, refused])
  expect(order).toEqual(['begin s0', 'begin s1'])
})

test('blocking is off unless it is asked for, and `off` can be written as YAML wants it', () => {
  expect(configSchema.parse({}).block).toBe('off')
  expect(configSchema.safeParse(parse('{ policy: standard, block: off }')).success).toBe(true)
})

function session(id: string, errorRate: number, changes: Partial<LedgerLine> = {}): LedgerLine {
  return ledgerLine({
    session_id: id,
    agent_type: 'coder',
    kpis: { error_rate: errorRate },
    evidence: evidenceOf({ error_rate: 40 }),
    ...changes,
  })
}

function evidenceOf(inputs: Readonly<Record<string, number>>): LedgerLine['evidence'] {
  return Object.fromEntries(Object.entries(inputs).map(([kpi, n]) => [kpi, { n, sources: [], estimated: false }]))
}

function commitHealthy(count: number, name = 'healthy'): Promise<unknown> {
  return commit(Array.from({ length: count }, (_, index) => session(`${name}${index}`, index % 2 === 0 ? 0.025 : 0)))
}

function commit(lines: readonly LedgerLine[]): Promise<unknown> {
  return store.commit(lines.map((line) => ({ line, live: false })))
}

/** @param firstIsLive the first session is still open */
async function judge(lines: readonly LedgerLine[], config: object = {}, firstIsLive = false): Promise<LedgerLine[]> {
  const handedOn: Assessment[] = []
  const processor = create(config, async (batch) => {
    handedOn.push(...batch)
  })
  await processor.consume(lines.map((line, index) => ({ line, live: firstIsLive && index === 0 })))
  await processor.stop()
  return handedOn.map(({ line }) => line)
}

function create(config: object, next: (batch: Batch<'assessment'>) => Promise<void>) {
  const context = {
    id: 'sessions/alerting',
    log: {
      debug() {},
      info: (fields: Readonly<Record<string, unknown>>) => logged.push(fields),
      warn() {},
      error() {},
    },
    items: { received() {}, settled() {}, holding() {}, unknownName() {} },
    store,
  } as unknown as Context
  return alerting.create(configSchema.parse(config), context, next)
}
