import { expect, test } from 'vitest'
import type { Session } from '../model/session.ts'
import { costPerOutputToken, costPerTask } from './cost.ts'
import { session } from './session.fixture.ts'

const TOKENS = { freshInput: 100, cacheRead: 0, cacheCreation: 0, output: 500, reasoning: 0 }
const COST: Partial<Session> = {
  modelUse: { calls: 2, errors: 0, provisionalCalls: 0, tokens: { opus: TOKENS }, costUsd: 0.5 },
}
const TASKS = { creates: 3, updates: 6, completedWithoutId: 0 }

test.for<{ name: string; of: Partial<Session>; perTask: unknown; perToken: unknown }>([
  {
    name: 'no cost',
    of: {},
    perTask: { absent: 'no source reported costs' },
    perToken: { absent: 'no source reported costs' },
  },
  {
    name: 'a cost and no task',
    of: COST,
    perTask: { absent: 'no task is known to be completed' },
    perToken: { value: 0.001, n: 2 },
  },
  {
    name: 'a cost and two tasks completed',
    of: { ...COST, tasks: { ...TASKS, statuses: { 1: 'completed', 2: 'completed', 3: 'deleted' } } },
    perTask: { value: 0.25, n: 2 },
    perToken: { value: 0.001 },
  },
  {
    name: 'the cost of metrics, without tokens',
    of: { meteredUse: { tokens: undefined, costUsd: 1, activeSeconds: undefined } },
    perTask: { absent: 'no task is known to be completed' },
    perToken: { absent: 'no token counts were recorded' },
  },
])('$name', ({ of, perTask, perToken }) => {
  expect(costPerTask(session(of))).toMatchObject(Object(perTask))
  expect(costPerOutputToken(session(of))).toMatchObject(Object(perToken))
})
