import type { Attributes, LogRecord, Telemetry } from '../model/telemetry.ts'
import { type Aliases, type Dialect, pickNumber, pickText, type Reading } from './dialect.ts'

/** What evaluation records call their facts, current name first (three eras, and older records with top-level keys). */
const NAMES = {
  sessionId: ['session.id', 'sessionId', 'gen_ai.conversation.id'],
  name: ['gen_ai.evaluation.name', 'evaluation.name', 'evaluationName'],
  score: ['gen_ai.evaluation.score.value', 'evaluation.score.value', 'scoreValue'],
  kind: ['integritystudio.evaluation.evaluator.kind', 'gen_ai.evaluation.evaluator.type', 'evaluator.type'],
  evaluator: ['gen_ai.evaluation.evaluator'],
  responseId: ['gen_ai.response.id'],
  cohort: ['integritystudio.evaluation.cohort'],
} as const satisfies Record<string, Aliases>

/** Judged by a model; the other names are rule results and measures of other things. */
const QUALITY: ReadonlySet<string> = new Set(['relevance', 'faithfulness', 'coherence', 'hallucination'])

/**
 * `gen_ai.evaluation.result` records of all eras, and as the OpenTelemetry conventions have them: scores that a model gave
 * to a normal session.
 */
export const evaluations: Dialect = {
  sources: [{ name: 'evaluations', kind: 'logs', tells: [] }],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'log' || item.eventName !== 'gen_ai.evaluation.result') return undefined
    const { attributes } = item
    const name = pickText(attributes, NAMES.name)
    if (name === undefined) return { kind: 'ignored', reason: 'evaluation_without_name' }
    const score = pickNumber(attributes, NAMES.score)
    if (score === undefined) return { kind: 'ignored', reason: 'evaluation_without_score' }
    const reason = reasonToIgnore(name, score, attributes)
    if (reason !== undefined) return { kind: 'ignored', reason }
    return {
      kind: 'observed',
      observation: {
        source: 'evaluations',
        // Re-runs of the exporter wrote the same record up to a dozen times, with other fractions of a second.
        key: keyOf(name, score, item),
        sessionId: pickText(attributes, NAMES.sessionId),
        startMs: item.timeMs,
        endMs: item.timeMs,
        agentType: undefined,
        agentVersion: undefined,
        span: undefined,
        activities: [{ kind: 'evaluation', name, score }],
      },
    }
  },
}

function keyOf(name: string, score: number, { timeMs, attributes }: LogRecord): string {
  const key = `evaluation:${name}:${score}:${Math.floor(timeMs / 1000)}`
  const responseId = pickText(attributes, NAMES.responseId)
  return responseId === undefined ? key : `${key}:${responseId}`
}

function reasonToIgnore(name: string, score: number, attributes: Attributes): string | undefined {
  const kind = pickText(attributes, NAMES.kind)
  const cohort = pickText(attributes, NAMES.cohort) ?? 'normal'
  // In the second era the cohort stood in the evaluator's type.
  if (cohort !== 'normal' || kind === 'canary' || kind === 'seed' || kind === 'trace-backfill') {
    return 'evaluation_not_of_a_normal_session'
  }
  // The OpenTelemetry conventions name no evaluator at all.
  const byConventions = kind === undefined && pickText(attributes, NAMES.evaluator) === undefined
  if (kind !== 'llm' && !byConventions) return 'evaluation_not_by_a_model'
  if (!QUALITY.has(name)) return 'evaluation_not_used'
  return score < 0 || score > 1 ? 'evaluation_out_of_range' : undefined
}
