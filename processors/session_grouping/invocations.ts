import type { InvocationRef, InvocationStatus } from '#src/model/activity.ts'
import type { Invocation } from '#src/model/session.ts'
import { type Facts, MAX_REPEATS } from './facts.ts'
import { addInterval, type Interval } from './intervals.ts'
import { splitByInvocation, workOf } from './invocation-work.ts'
import { firstOf } from './map-entry.ts'
import { pairAnonymous } from './pair-anonymous.ts'

/** A start or an end of an invocation, as telemetry told it. */
export interface InvocationMark {
  readonly kind: 'start' | 'end'
  readonly timeMs: number
  readonly agentType: string
  readonly invocationId: string | undefined
  /** Whose work it was to start it; absent for the main agent's, and where the mark is the invocation's own. */
  readonly parentId?: string | undefined
  readonly status: InvocationStatus
  /** Of an end: nothing comes later. Of a start: the invocation runs in the foreground. */
  readonly final: boolean
}

/** What is known of an invocation from its own work. */
export interface InvocationRun {
  agentType: string | undefined
  parentId: string | undefined
  readonly intervals: Interval[]
  /** What hooks added to its context at its start. */
  contextCharacters?: number
}

/** An invocation without its work. */
export type InvocationFrame = Omit<Invocation, 'work'>

/** What a session knows of its invocations. */
export interface InvocationEvidence {
  readonly id: string
  readonly marks: readonly InvocationMark[]
  readonly runs: ReadonlyMap<string, InvocationRun>
  readonly facts: Facts
  readonly sources: Readonly<Record<string, unknown>>
}

/** Names under which clients hide the type of an agent that its user defined, and our own for none at all. */
const VAGUE_TYPES: ReadonlySet<string> = new Set(['custom', 'unknown'])
const UNKNOWN_TYPE = 'unknown'

const STATUS_ORDER: readonly InvocationStatus[] = ['running', 'unknown', 'success', 'failure']

/** Adds work to what is known of an invocation. Invocations beyond the limit are part of the session's sums only. */
export function stretchRun(
  runs: Map<string, InvocationRun>,
  { id, agentType, parentId }: InvocationRef,
  startMs: number,
  endMs: number,
  idleGapMs: number,
): void {
  const run = runOf(runs, id)
  if (run === undefined) return
  run.agentType = clearerType(run.agentType, agentType)
  run.parentId = firstOf(run.parentId, parentId)
  addInterval(run.intervals, startMs, endMs, idleGapMs)
}

/**
 * Adds what hooks put into an invocation's context.
 *
 * @returns whether there was room for it
 */
export function addContext(runs: Map<string, InvocationRun>, { id }: InvocationRef, characters: number): boolean {
  const run = runOf(runs, id)
  if (run === undefined) return false
  run.contextCharacters = Math.max(run.contextCharacters ?? 0, characters)
  return true
}

/** @returns `undefined` of one that there is no room for */
function runOf(runs: Map<string, InvocationRun>, id: string): InvocationRun | undefined {
  const known = runs.get(id)
  if (known !== undefined || runs.size >= MAX_REPEATS) return known
  const run: InvocationRun = { agentType: undefined, parentId: undefined, intervals: [] }
  runs.set(id, run)
  return run
}

/**
 * The invocations of a session, by their start. Those with an id are put together from all that tells of the id; marks
 * without ids count only where none has one, or the same run would be there twice.
 */
export function resolveInvocations(evidence: InvocationEvidence): Invocation[] {
  const { id, marks, runs, facts, sources } = evidence
  const named = namedFrames(marks, runs)
  const frames = named.length > 0 ? named : pairAnonymous(marks, id)
  const parts = splitByInvocation(facts)
  return frames.map((frame) => ({
    ...frame,
    work: workOf(parts.get(frame.invocationId), runs.get(frame.invocationId)?.intervals ?? [], sources),
  }))
}

function namedFrames(marks: readonly InvocationMark[], runs: ReadonlyMap<string, InvocationRun>): InvocationFrame[] {
  const frames = new Map<string, InvocationFrame>()
  for (const [id, run] of runs) frames.set(id, frameOfRun(id, run))
  for (const mark of marks) {
    const { invocationId: id } = mark
    if (id !== undefined) frames.set(id, withMark(frames.get(id) ?? frameOfRun(id, undefined), mark))
  }
  return [...frames.values()].toSorted(byStart)
}

// Its work alone does not tell how it ended.
function frameOfRun(invocationId: string, run: InvocationRun | undefined): InvocationFrame {
  return {
    invocationId,
    parentId: run?.parentId,
    agentType: run?.agentType ?? UNKNOWN_TYPE,
    startedAtMs: run?.intervals[0]?.[0],
    endedAtMs: run?.intervals.at(-1)?.[1],
    status: run === undefined ? 'running' : 'unknown',
    contextCharacters: run?.contextCharacters,
  }
}

function withMark(frame: InvocationFrame, mark: InvocationMark): InvocationFrame {
  const { kind, timeMs, status } = mark
  const agentType = clearerType(frame.agentType, mark.agentType) ?? UNKNOWN_TYPE
  const known = { ...frame, agentType, parentId: firstOf(frame.parentId, mark.parentId) }
  if (kind === 'start') return { ...known, startedAtMs: Math.min(frame.startedAtMs ?? Infinity, timeMs) }
  const endedAtMs = Math.max(frame.endedAtMs ?? -Infinity, timeMs)
  const isWorse = STATUS_ORDER.indexOf(status) > STATUS_ORDER.indexOf(frame.status)
  return { ...known, endedAtMs, status: isWorse ? status : frame.status }
}

/** The name that tells more; of two that tell as much the first of the alphabet, so that the order does not matter. */
function clearerType(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const vagueA = VAGUE_TYPES.has(a)
  if (vagueA !== VAGUE_TYPES.has(b)) return vagueA ? b : a
  return a < b ? a : b
}

function byStart(a: InvocationFrame, b: InvocationFrame): number {
  const startOf = ({ startedAtMs, endedAtMs }: InvocationFrame): number => startedAtMs ?? endedAtMs ?? Infinity
  return startOf(a) - startOf(b) || (a.invocationId < b.invocationId ? -1 : 1)
}
