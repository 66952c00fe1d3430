import { describe, expect, test } from 'vitest'
import type { Attributes, LogRecord } from '../model/telemetry.ts'
import { evaluations } from './evaluations.ts'

function record(attributes: Attributes, timeMs = 1_771_090_372_250): LogRecord {
  return {
    kind: 'log',
    timeMs,
    eventName: 'gen_ai.evaluation.result',
    attributes,
    resource: { attributes: {} },
    scope: { name: '' },
  }
}

test.for<{ era: string; attributes: Attributes }>([
  {
    era: 'first',
    attributes: {
      'session.id': 's1',
      'gen_ai.evaluation.name': 'relevance',
      'gen_ai.evaluation.score.value': 0.95,
      'gen_ai.evaluation.evaluator': 'llm-judge',
      'gen_ai.evaluation.evaluator.type': 'llm',
    },
  },
  {
    era: 'third',
    attributes: {
      'session.id': 's1',
      'gen_ai.evaluation.name': 'relevance',
      'gen_ai.evaluation.score.value': 0.95,
      'integritystudio.evaluation.evaluator.kind': 'llm',
      'integritystudio.evaluation.cohort': 'normal',
    },
  },
  {
    era: 'older records with top-level keys, score as text',
    attributes: {
      sessionId: 's1',
      evaluationName: 'relevance',
      'gen_ai.evaluation.score.value': '0.95',
      'gen_ai.evaluation.evaluator.type': 'llm',
    },
  },
])('the score of a judge, $era era', ({ attributes }) => {
  expect(evaluations.read(record(attributes))).toMatchObject({
    kind: 'observed',
    observation: {
      source: 'evaluations',
      key: 'evaluation:relevance:0.95:1771090372',
      sessionId: 's1',
      activities: [{ kind: 'evaluation', name: 'relevance', score: 0.95 }],
    },
  })
})

const judged = {
  'session.id': 's1',
  'gen_ai.evaluation.name': 'relevance',
  'gen_ai.evaluation.score.value': 0.9,
  'gen_ai.evaluation.evaluator.type': 'llm',
}

test.for<{ what: string; change: Attributes; reason: string }>([
  {
    what: 'canary (second era: in the evaluator type)',
    change: { 'gen_ai.evaluation.evaluator.type': 'canary' },
    reason: 'evaluation_not_of_a_normal_session',
  },
  {
    what: 'seed (second era)',
    change: { 'gen_ai.evaluation.evaluator.type': 'seed' },
    reason: 'evaluation_not_of_a_normal_session',
  },
  {
    what: 'backfill (second era)',
    change: { 'gen_ai.evaluation.evaluator.type': 'trace-backfill' },
    reason: 'evaluation_not_of_a_normal_session',
  },
  {
    what: 'seed cohort (third era)',
    change: { 'integritystudio.evaluation.evaluator.kind': 'llm', 'integritystudio.evaluation.cohort': 'seed' },
    reason: 'evaluation_not_of_a_normal_session',
  },
  {
    what: 'rule engine',
    change: { 'gen_ai.evaluation.evaluator.type': 'rule' },
    reason: 'evaluation_not_by_a_model',
  },
  {
    what: 'somebody, but nobody says of which kind',
    change: { 'gen_ai.evaluation.evaluator': 'seed', 'gen_ai.evaluation.evaluator.type': undefined },
    reason: 'evaluation_not_by_a_model',
  },
  { what: 'null score', change: { 'gen_ai.evaluation.score.value': null }, reason: 'evaluation_without_score' },
  { what: 'no name', change: { 'gen_ai.evaluation.name': undefined }, reason: 'evaluation_without_name' },
  {
    what: 'another scale (0 to 60)',
    change: { 'gen_ai.evaluation.name': 'agent.quality.score', 'gen_ai.evaluation.score.value': 50 },
    reason: 'evaluation_not_used',
  },
  { what: 'out of range', change: { 'gen_ai.evaluation.score.value': 5 }, reason: 'evaluation_out_of_range' },
])('ignored with its reason: $what', ({ change, reason }) => {
  expect(evaluations.read(record({ ...judged, ...change }))).toEqual({ kind: 'ignored', reason })
})

describe('an event of the OpenTelemetry conventions', () => {
  const event = {
    'gen_ai.evaluation.name': 'relevance',
    'gen_ai.evaluation.score.value': 0.8,
    'gen_ai.evaluation.score.label': 'relevant',
    'gen_ai.response.id': 'r1',
    'gen_ai.conversation.id': 's1',
  }

  test('names no evaluator, and its session as a conversation', () => {
    expect(evaluations.read(record(event))).toMatchObject({
      observation: { sessionId: 's1', activities: [{ kind: 'evaluation', name: 'relevance', score: 0.8 }] },
    })
  })

  test('is of one response: that of another in the same second is another', () => {
    const keyOf = (attributes: Attributes) => {
      const reading = evaluations.read(record({ ...event, ...attributes }))
      return reading?.kind === 'observed' ? reading.observation.key : undefined
    }
    expect(keyOf({})).toBe(keyOf({}))
    expect(keyOf({})).not.toBe(keyOf({ 'gen_ai.response.id': 'r2' }))
  })

  test('with a label alone has no score', () => {
    const reading = evaluations.read(record({ ...event, 'gen_ai.evaluation.score.value': undefined }))
    expect(reading).toEqual({ kind: 'ignored', reason: 'evaluation_without_score' })
  })
})

test('the same record a fraction of a second later has the same key', () => {
  const [first, second] = [1_771_090_372_250, 1_771_090_372_900].map((timeMs) =>
    evaluations.read(record(judged, timeMs)),
  )
  expect(first).toMatchObject({ observation: { key: 'evaluation:relevance:0.9:1771090372' } })
  expect(second).toMatchObject({ observation: { key: 'evaluation:relevance:0.9:1771090372' } })
})

test('another score of the same name in the same second has another key', () => {
  const keys = [0.9, 0.4].map((score) => {
    const reading = evaluations.read(record({ ...judged, 'gen_ai.evaluation.score.value': score }))
    return reading?.kind === 'observed' ? reading.observation.key : undefined
  })
  expect(keys).toEqual(['evaluation:relevance:0.9:1771090372', 'evaluation:relevance:0.4:1771090372'])
})

test('another log record is left alone', () => {
  expect(evaluations.read({ ...record(judged), eventName: 'api_request' })).toBeUndefined()
})
