import { expect, test } from 'vitest'
import { memoryIo } from './memory-io.fixture.ts'
import { run } from './selftest.ts'
import type { RuleFigures, SelftestFigures, WorldFigures } from './selftest-figures.ts'
import { GOALS, missedGoals } from './selftest-goals.ts'

const SMALL = { config: [], set: [], seed: 7, agents: 6, sessions: 40, trials: 60 }

test('as JSON: both worlds, and the literal rules in each; the same seed gives the same figures', async () => {
  const [first, second] = [memoryIo(), memoryIo()]
  await run({ ...SMALL, json: true }, first)
  await run({ ...SMALL, json: true }, second)
  expect(second.written.out).toBe(first.written.out)
  const rules = {
    healthy: {
      warn: expect.any(Number),
      critical: expect.any(Number),
      block: expect.any(Number),
      false_share_critical: expect.any(Number),
    },
    delay_1_5_sigma_median: expect.any(Number),
    promotion: {
      useless: expect.any(Number),
      useless_drift: expect.any(Number),
      useless_upgrade: expect.any(Number),
      useless_concurrent: expect.any(Number),
      harmful: expect.any(Number),
      x2: expect.any(Number),
      x10_at_3: expect.any(Number),
    },
  }
  const figures: SelftestFigures = JSON.parse(first.written.out)
  expect(figures).toEqual({ seed: 7, worlds: { a: { ...rules, literal: rules }, b: { ...rules, literal: rules } } })
  for (const world of Object.values(figures.worlds)) {
    for (const { healthy, promotion } of [world, world.literal]) {
      for (const share of [...Object.values(healthy), ...Object.values(promotion)]) {
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }
    }
    // Even few sessions show which rules are the literal ones.
    expect(world.literal.healthy.warn).toBeGreaterThan(10 * world.healthy.warn)
  }
})

test('as a table: every promise, beside what the literal rules do', async () => {
  const io = memoryIo()
  const code = await run({ ...SMALL, json: false }, io)
  expect(code).toBe(io.written.err === '' ? 0 : 1)
  for (const { label } of GOALS) expect(io.written.out).toContain(label)
  expect(io.written.out).toContain('Seed 7; 6 agents of 40 sessions, 60 trials')
  expect(Math.max(...io.written.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
})

test('a promise that is broken is told of, one that chance may have broken is not', () => {
  const size = { seed: 1, agents: 100, sessions: 100, trials: 1000 }
  expect(missedGoals(figuresWith({}), size)).toEqual([])
  const warned = figuresWith({ healthy: { ...GOOD.healthy, warn: 0.04 } })
  expect(missedGoals(warned, size)).toEqual([
    'world A, healthy sessions: WARNING or worse',
    'world B, healthy sessions: WARNING or worse',
  ])
  expect(missedGoals(warned, { ...size, agents: 5 })).toEqual([])
  expect(missedGoals(figuresWith({ delay_1_5_sigma_median: null }), size)).toHaveLength(2)
  expect(missedGoals(figuresWith({ promotion: { ...GOOD.promotion, x2: 0.5 } }), size)).toHaveLength(2)
})

const GOOD: RuleFigures = {
  healthy: { warn: 0.02, critical: 0.001, block: 0.0005, false_share_critical: 0.02 },
  delay_1_5_sigma_median: 5,
  promotion: {
    useless: 0.03,
    useless_drift: 0.03,
    useless_upgrade: 0.03,
    useless_concurrent: 0.03,
    harmful: 0.005,
    x2: 0.99,
    x10_at_3: 0.99,
  },
}

function figuresWith(change: Partial<RuleFigures>): SelftestFigures {
  const world: WorldFigures = { ...GOOD, ...change, literal: GOOD }
  return { seed: 1, worlds: { a: world, b: world } }
}
