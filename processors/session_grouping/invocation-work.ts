import type { InvocationWork } from '#src/model/session.ts'
import { type Facts, noFacts } from './facts.ts'
import type { Interval } from './intervals.ts'
import { entryOf } from './map-entry.ts'
import { resolveModelUse, resolveRejections, resolveTools } from './resolve-facts.ts'

/** Sorts facts by the invocation whose work they are. Those of the main agent, and those without an id, are left out. */
export function splitByInvocation({ calls, toolCalls, modelErrors, rejections }: Facts): ReadonlyMap<string, Facts> {
  const parts = new Map<string, Facts>()
  const partOf = (invocationId: string): Facts => entryOf(parts, invocationId, noFacts)
  for (const [id, call] of calls) {
    if (call.invocationId !== undefined) partOf(call.invocationId).calls.set(id, call)
  }
  for (const [id, call] of toolCalls) {
    if (call.invocationId !== undefined) partOf(call.invocationId).toolCalls.set(id, call)
  }
  for (const [id, invocationId] of modelErrors) {
    if (invocationId !== null) partOf(invocationId).modelErrors.set(id, invocationId)
  }
  for (const [id, invocationId] of rejections) {
    if (invocationId !== null) partOf(invocationId).rejections.set(id, invocationId)
  }
  return parts
}

/** What an invocation did. A kind of fact of which nothing was told to be the invocation's is absent, not 0. */
export function workOf(
  facts: Facts | undefined,
  intervals: readonly Interval[],
  sources: Readonly<Record<string, unknown>>,
): InvocationWork {
  const activeIntervals = intervals.map(([startMs, endMs]): readonly [number, number] => [startMs, endMs])
  if (facts === undefined) return { activeIntervals, modelUse: undefined, tools: {}, rejections: undefined }
  const calledModel = facts.calls.size + facts.modelErrors.size > 0
  const calledTools = facts.toolCalls.size + facts.rejections.size > 0
  return {
    activeIntervals,
    modelUse: calledModel ? resolveModelUse(facts, sources) : undefined,
    tools: resolveTools(facts),
    rejections: calledTools ? resolveRejections(facts, sources) : undefined,
  }
}
