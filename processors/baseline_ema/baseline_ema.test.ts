import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Context, Processor } from '#src/component.ts'
import { assess } from '#src/kpi/assess.ts'
import { priceTable } from '#src/kpi/model-prices.ts'
import { session } from '#src/kpi/session.fixture.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { baselineEma } from './baseline_ema.ts'
import { writeBaselines } from './baseline-files.ts'
import { configSchema } from './config.ts'
import { MemoryHistory } from './memory-history.fixture.ts'

const SEED = 20_261_120
const DAY_MS = 86_400_000
const STEADY = [0.1, 0.1, 0.1, 0.1, 0.1]

let directory: string
let history: MemoryHistory
let errors: string[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-baselines-'))
  history = new MemoryHistory()
  errors = []
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

describe('comparison', () => {
  test('a session is compared with those before it, not with itself', async () => {
    const lines = await runOneByOne([...STEADY, 0.3])
    const last = lines.at(-1)
    expect(last?.baselines).toEqual({ error_rate: 0.1 })
    expect(last?.std_devs).toEqual({ error_rate: 0.01 })
    expect(last?.deviations.error_rate).toBeCloseTo(20, 9)
  })

  test('nothing is compared during the bootstrap', async () => {
    const lines = await runOneByOne(STEADY)
    for (const line of lines) expect(line).toMatchObject({ baselines: {}, std_devs: {}, deviations: {} })
  })

  test('what was measured is handed on unchanged', async () => {
    const [line] = await runOneByOne([0.25])
    expect(line).toEqual({ ...lineOf('s0', 0.25), baselines: {}, std_devs: {}, deviations: {} })
  })

  test('agent types do not mix', async () => {
    await runOneByOne(STEADY)
    const [other] = await compareAndCommit([assessmentOf('x', 0.9, { agent_type: 'reviewer' })])
    expect(other?.baselines).toEqual({})
  })

  test('it makes no difference how sessions come in batches', async () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
    const agentTypes = fc.constantFrom('coder', 'reviewer')
    await fc.assert(
      fc.asyncProperty(values, fc.array(agentTypes), fc.array(fc.nat(3)), async (all, types, sizes) => {
        const assessments = all.map((value, index) =>
          assessmentOf(`s${index}`, value, { agent_type: types[index] ?? 'coder' }),
        )
        history = new MemoryHistory()
        const single: LedgerLine[] = []
        for (const assessment of assessments)
          single.push(...(await compareAndCommit([assessment], { bootstrap_sessions: 2 })))
        history = new MemoryHistory()
        const batched: LedgerLine[] = []
        for (let at = 0, batch = 0; at < assessments.length; batch++) {
          const size = 1 + (sizes[batch] ?? 3)
          batched.push(...(await compareAndCommit(assessments.slice(at, at + size), { bootstrap_sessions: 2 })))
          at += size
        }
        expect(batched).toEqual(single)
      }),
      { seed: SEED, numRuns: 50 },
    )
  })

  test('a correction is compared with what stands before its place, also with corrections in the same batch', async () => {
    await runOneByOne([...STEADY, 0.2, 0.7])
    const [, corrected] = await compareAndCommit([
      assessmentOf('s0', 0.6, { revision: 2 }),
      assessmentOf('s5', 0.4, { revision: 2 }),
    ])
    expect(corrected?.baselines.error_rate).toBeCloseTo((0.6 + 4 * 0.1) / 5, 12)
  })

  test('sessions that are analysed anew do not stand in the history twice', async () => {
    const errorRates = [0.1, 0.5, 0.2, 0.4, 0.1, 0.3, 0.6]
    history = new MemoryHistory(true)
    const first = await runOneByOne(errorRates)
    const again = await compareAndCommit(
      errorRates.map((errorRate, index) => assessmentOf(`s${index}`, errorRate, { revision: 2 })),
    )
    expect(again.map(({ baselines }) => baselines)).toEqual(first.map(({ baselines }) => baselines))
    expect(history.of('coder')?.sessionCount).toBe(7)
  })

  test('an open session is compared but is not part of what others are compared with', async () => {
    await runOneByOne(STEADY)
    const [live, other] = await compareAndCommit([assessmentOf('open', 0.9, {}, true), assessmentOf('next', 0.1)])
    expect(live?.deviations.error_rate).toBeCloseTo(80, 9)
    expect(other?.baselines.error_rate).toBeCloseTo(0.1, 12)
    expect(history.knows('open')).toBe(false)
  })

  test('the direction of a KPI that the configuration defines comes with the line', async () => {
    const mine = { kpis: { mine: 2 }, custom_kpis: { mine: { label: 'Mine', direction: 'lower', unit: '1' } } } as const
    for (let index = 0; index < 5; index++) await compareAndCommit([assessmentOf(`c${index}`, 0, mine)])
    const [line] = await compareAndCommit([assessmentOf('last', 0, { ...mine, kpis: { mine: 3 } })])
    expect(line?.deviations.mine).toBeCloseTo(10, 9)
  })

  test('a batch that is refused is not compared with by the next one', async () => {
    const { processor } = create({}, async () => {
      throw new Error('queue full')
    })
    await expect(processor.consume([assessmentOf('s0', 0.1)])).rejects.toThrow('queue full')
    await expect(processor.consume([assessmentOf('s1', 0.1)])).rejects.toThrow('queue full')
    await processor.stop()
  })

  test('a batch waits until the one before it was accepted', async () => {
    const order: string[] = []
    const gate = Promise.withResolvers<void>()
    const { processor } = create({}, async ([assessment]) => {
      const id = assessment?.line.session_id
      order.push(`begin ${id}`)
      if (id === 's0') await gate.promise
      order.push(`end ${id}`)
    })
    const both = [processor.consume([assessmentOf('s0', 0.1)]), processor.consume([assessmentOf('s1', 0.1)])]
    gate.resolve()
    await Promise.all(both)
    expect(order).toEqual(['begin s0', 'end s0', 'begin s1', 'end s1'])
  })
})

describe('baseline files', () => {
  test('are written for the agent types that were committed', async () => {
    await runOneByOne(STEADY)
    expect(await readdir(baselines())).toEqual(['coder.json'])
    expect(JSON.parse(await fileOf('coder'))).toMatchObject({
      agent_type: 'coder',
      version: '1.0.0',
      session_count: 5,
      last_updated: '2026-02-05T02:00:00.000Z',
      baselines: { error_rate: { mean: 0.1, n: 5, status: 'converged' } },
    })
  })

  test('are not written for open sessions', async () => {
    const { processor } = create({})
    await processor.committed?.([assessmentOf('open', 0.5, {}, true)])
    await expect(readdir(baselines())).rejects.toThrow('ENOENT')
  })

  test('are made again at start when they do not say what the history says', async () => {
    await runOneByOne(STEADY)
    const right = await fileOf('coder')
    await writeFile(join(baselines(), 'coder.json'), '{}')
    const { processor } = create({})
    await processor.start()
    await processor.stop()
    expect(await fileOf('coder')).toBe(right)
  })

  test('what a crashed process left beside them is removed at start', async () => {
    await runOneByOne(STEADY)
    await writeFile(join(baselines(), '.agentperf-999999999-abc-1.tmp'), 'half a file')
    await create({}).processor.start()
    expect(await readdir(baselines())).toEqual(['coder.json'])
  })

  test('are left alone at start when they are right', async () => {
    await runOneByOne(STEADY)
    const { ino } = await stat(join(baselines(), 'coder.json'))
    await create({}).processor.start()
    expect((await stat(join(baselines(), 'coder.json'))).ino).toBe(ino)
  })

  test('of a corrected session are those of one that was right from the start', async () => {
    await runOneByOne([0.1, 0.9, 0.2, 0.3, 0.1, 0.2])
    await compareAndCommit([assessmentOf('s1', 0.15, { revision: 2 })])
    const corrected = await fileOf('coder')
    history = new MemoryHistory()
    await runOneByOne([0.1, 0.15, 0.2, 0.3, 0.1, 0.2])
    expect(await fileOf('coder')).toBe(corrected)
  })

  test('are the same bytes when they are rebuilt', async () => {
    await runOneByOne([0.1, 0.9, 0.2])
    const before = await fileOf('coder')
    await rm(baselines(), { recursive: true })
    const written = await writeBaselines(configSchema.parse({}), { directory, history })
    expect(written).toEqual([join(baselines(), 'coder.json')])
    expect(await fileOf('coder')).toBe(before)
    expect(await writeBaselines(configSchema.parse({}), { directory, history })).toEqual([])
  })

  test('lie where the configuration says', async () => {
    const elsewhere = join(directory, 'elsewhere')
    await compareAndCommit([assessmentOf('s0', 0.1)], { directory: elsewhere })
    expect(await readdir(elsewhere)).toEqual(['coder.json'])
  })

  test('stay in their folder, whatever the agent type', async () => {
    await compareAndCommit([assessmentOf('s0', 0.1, { agent_type: '../../evil' })])
    expect(await readdir(directory)).toEqual(['baselines'])
    expect(await readdir(baselines())).toHaveLength(1)
  })

  test('that cannot be written stop nothing and are tried again', async () => {
    await writeFile(baselines(), 'a file where the folder should be')
    const { processor } = create({})
    history.commit([lineOf('s0', 0.1)])
    await processor.committed?.([assessmentOf('s0', 0.1)])
    expect(errors).toEqual([expect.stringContaining('tried again')])
    await rm(baselines())
    await mkdir(baselines())
    await processor.stop()
    expect(JSON.parse(await fileOf('coder'))).toMatchObject({ session_count: 1 })
  })

  test('are not touched by a command that leaves nothing behind', async () => {
    history.commit([lineOf('s0', 0.1)])
    const { processor } = create({}, undefined, { ephemeral: true })
    await processor.start()
    await processor.committed?.([assessmentOf('s0', 0.1)])
    await processor.stop()
    expect(await readdir(directory)).toEqual([])
  })
})

test('the README’s example is a valid configuration', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  const example = parse(/```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '')
  expect(configSchema.safeParse(example.processors.baseline_ema).error).toBeUndefined()
})

function baselines(): string {
  return join(directory, 'baselines')
}

function fileOf(agentType: string): Promise<string> {
  return readFile(join(baselines(), `${agentType}.json`), 'utf8')
}

/** Sessions s0, s1, … of one agent type, each committed before the next one comes. */
async function runOneByOne(errorRates: readonly number[]): Promise<readonly LedgerLine[]> {
  const lines: LedgerLine[] = []
  for (const [index, errorRate] of errorRates.entries()) {
    lines.push(...(await compareAndCommit([assessmentOf(`s${index}`, errorRate, { ended_at: endOf(index) })])))
  }
  return lines
}

async function compareAndCommit(batch: readonly Assessment[], config: object = {}): Promise<readonly LedgerLine[]> {
  const { processor, handedOn } = create(config)
  await processor.consume(batch)
  const committed = handedOn.filter(({ live }) => !live)
  history.commit(committed.map(({ line }) => line))
  await processor.committed?.(committed)
  expect(errors).toEqual([])
  return handedOn.map(({ line }) => line)
}

function create(
  config: object,
  next: (batch: readonly Assessment[]) => Promise<void> = async () => {},
  store: object = {},
): { readonly processor: Processor<'assessment'>; readonly handedOn: Assessment[] } {
  const handedOn: Assessment[] = []
  const context = {
    id: 'sessions/baseline_ema',
    log: { debug() {}, info() {}, warn() {}, error: (_fields: unknown, message: string) => errors.push(message) },
    items: { received() {}, settled() {}, holding() {}, unknownName() {} },
    store: { directory, history, ...store },
  } as unknown as Context
  const processor = baselineEma.create(configSchema.parse(config), context, async (batch) => {
    await next(batch)
    handedOn.push(...batch)
  })
  return { processor, handedOn }
}

function assessmentOf(id: string, errorRate: number, overrides: Partial<LedgerLine> = {}, live = false): Assessment {
  return { live, line: { ...lineOf(id, errorRate), ...overrides } }
}

function lineOf(id: string, errorRate: number): LedgerLine {
  const { line } = assess(
    session({ id, agentType: 'coder' }),
    { kpis: [], prices: priceTable(), timeoutMs: 1000 },
    () => 0,
  )
  return { ...line, ended_at: endOf(Number(/\d+/.exec(id)?.[0] ?? 0)), kpis: { error_rate: errorRate } }
}

function endOf(day: number): string {
  return new Date(Date.UTC(2026, 1, 1, 2) + day * DAY_MS).toISOString()
}
