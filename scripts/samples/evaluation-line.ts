import type { SampleLine } from './day-files.ts'
import type { Era } from './hook-span-line.ts'

/** A score that something gave to a session. */
export interface Evaluation {
  readonly name: string
  readonly score: number
  readonly explanation: string
  /** `canary` scores test the judge, not the session. */
  readonly by: 'judge' | 'rules' | 'canary'
  readonly timeMs: number
}

const EVALUATORS = {
  judge: { first: ['llm-judge', 'llm'], second: ['llm', 'llm'], kind: 'llm', cohort: 'normal' },
  rules: { first: ['telemetry-rule-engine', 'rule'], second: ['rule', 'rule'], kind: 'rule', cohort: 'normal' },
  canary: { first: ['llm', 'canary'], second: ['llm', 'canary'], kind: 'llm', cohort: 'canary' },
} as const

/** A line of `evaluations-*.jsonl` as it was written beside the hook spans of an era. */
export function evaluationLine(evaluation: Evaluation, sessionId: string, era: Era): SampleLine {
  const { name, score, explanation, timeMs } = evaluation
  const line = {
    timestamp: new Date(timeMs).toISOString(),
    name: 'gen_ai.evaluation.result',
    attributes: {
      'gen_ai.evaluation.name': name,
      'gen_ai.evaluation.score.value': score,
      'gen_ai.evaluation.explanation': explanation,
      ...evaluatorIn(era, evaluation),
      'session.id': sessionId,
    },
  }
  return { kind: 'evaluations', timeMs, text: JSON.stringify(line) }
}

function evaluatorIn(era: Era, { by }: Evaluation): Readonly<Record<string, string>> {
  const { first, second, kind, cohort } = EVALUATORS[by]
  if (era === 'D' || era === 'E') {
    return { 'integritystudio.evaluation.evaluator.kind': kind, 'integritystudio.evaluation.cohort': cohort }
  }
  const [evaluator, type] = era === 'A' ? first : second
  return { 'gen_ai.evaluation.evaluator': evaluator, 'gen_ai.evaluation.evaluator.type': type }
}
