import type { TokenCounts } from '../model/activity.ts'
import type { Session, TokenCounter } from '../model/session.ts'
import { oncePer } from './once-per.ts'
import type { Absent, Measured } from './result.ts'

export const NO_TOKENS = 'no token counts were recorded'

/** What a session's tokens add up to. */
export interface TokenUse {
  readonly tokens: TokenCounts
  /** Model calls, or readings of a counter, that it rests on. */
  readonly n: number
  /** Whether some of the output is not known and a placeholder stands for it. */
  readonly estimated: boolean
  readonly byModel: Readonly<Record<string, TokenCounts>>
}

/**
 * Adds up a session's tokens from the best source that it has: single model calls, else counters that were read now and
 * then, else usage metrics.
 *
 * @returns why not, when there is none or all are 0: a source that writes zeros did not measure
 */
export const tokenUse = oncePer((session: Session): TokenUse | Absent => {
  const use = callTokens(session) ?? counterTokens(session) ?? meteredTokens(session)
  return use ?? { absent: NO_TOKENS }
})

function callTokens({ modelUse }: Session): TokenUse | undefined {
  if (modelUse === undefined) return undefined
  return useOf(modelUse.tokens, modelUse.calls, modelUse.provisionalCalls > 0)
}

function counterTokens({ tokenCounters }: Session): TokenUse | undefined {
  const byModel = new Map<string, TokenCounts>()
  let n = 0
  for (const counter of tokenCounters) {
    const model = counter.model ?? ''
    byModel.set(model, combine(byModel.get(model) ?? NOTHING, counterTotal(counter), add))
    n += counter.snapshots.length
  }
  return useOf(Object.fromEntries(byModel), n)
}

function meteredTokens({ meteredUse: { tokens } }: Session): TokenUse | undefined {
  return tokens === undefined ? undefined : useOf(tokens, Object.keys(tokens).length)
}

function useOf(byModel: Readonly<Record<string, TokenCounts>>, n: number, estimated = false): TokenUse | undefined {
  const tokens = Object.values(byModel).reduce((sum, each) => combine(sum, each, add), NOTHING)
  const measured = tokens.freshInput + tokens.cacheRead + tokens.cacheCreation + tokens.output > 0
  return measured ? { tokens, n, estimated, byModel } : undefined
}

/**
 * What a counter counted in all. Readings are cumulative, but a compaction starts the counter anew, which shows as
 * `messages` falling: the total is the sum of the maxima between such resets, field by field, less what the counter stood
 * at before the first reading, as that of a fork does.
 */
export function counterTotal({ snapshots }: TokenCounter): TokenCounts {
  const [first] = snapshots
  const before = first?.before ?? NOTHING
  let total = NOTHING
  let segment = before
  let messages = 0
  for (const snapshot of snapshots) {
    if (snapshot.messages < messages) {
      total = combine(total, segment, add)
      segment = NOTHING
    }
    messages = snapshot.messages
    segment = combine(segment, snapshot.tokens, Math.max)
  }
  return combine(combine(total, segment, add), before, subtract)
}

/** What a KPI that needs the output rests on; where placeholders stand for some of it, the KPI is noted as estimated. */
export function outputEvidence(
  { sources, modelUse }: Session,
  { n, estimated }: TokenUse,
): Pick<Measured, 'n' | 'sources' | 'estimated' | 'note'> {
  if (!estimated) return { n, sources, estimated }
  const message = `the output of ${modelUse?.provisionalCalls} of ${modelUse?.calls} model calls is a placeholder of an old client: send its telemetry over OTLP for the true one`
  return { n, sources, estimated, note: { code: 'placeholder_output', message } }
}

/** How often a counter started anew. */
export function counterResets({ snapshots }: TokenCounter): number {
  let resets = 0
  let messages = 0
  for (const snapshot of snapshots) {
    if (snapshot.messages < messages) resets++
    messages = snapshot.messages
  }
  return resets
}

/** @returns the model that wrote most of the output; `undefined` when nothing names one */
export function dominantModel(session: Session): string | undefined {
  const use = tokenUse(session)
  if ('absent' in use) return undefined
  const named = Object.entries(use.byModel).filter(([model]) => model !== '')
  return named.toSorted(([name, a], [other, b]) => b.output - a.output || (name < other ? -1 : 1))[0]?.[0]
}

const NOTHING: TokenCounts = { freshInput: 0, cacheRead: 0, cacheCreation: 0, output: 0, reasoning: 0 }

function add(a: number, b: number): number {
  return a + b
}

function subtract(a: number, b: number): number {
  return a - b
}

function combine(a: TokenCounts, b: TokenCounts, by: (a: number, b: number) => number): TokenCounts {
  return {
    freshInput: by(a.freshInput, b.freshInput),
    cacheRead: by(a.cacheRead, b.cacheRead),
    cacheCreation: by(a.cacheCreation, b.cacheCreation),
    output: by(a.output, b.output),
    reasoning: by(a.reasoning, b.reasoning),
  }
}
