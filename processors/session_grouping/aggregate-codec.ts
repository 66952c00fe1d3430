import { KeySet } from '#src/store/key-set.ts'
import type { StateCodec } from '#src/store/store.ts'
import { Aggregate, type AggregateFields } from './aggregate.ts'
import type { Facts, SourceTally } from './facts.ts'

/** Maps and sets as lists: what JSON can hold. */
type Saved<T> =
  T extends Map<infer K, infer V>
    ? (readonly [K, Saved<V>])[]
    : T extends Set<infer V>
      ? V[]
      : T extends readonly unknown[]
        ? T
        : T extends object
          ? { [P in keyof T]: Saved<T[P]> }
          : T

interface SavedAggregate {
  readonly keys: string
  readonly fields: Saved<AggregateFields>
}

/**
 * How aggregates lie on disk. This runs for each session that memory has no room for, so it is written out by hand: the
 * text is our own, and the log that it lies in has checksums.
 */
export const aggregateCodec: StateCodec<Aggregate> = {
  encode({ fields, keys }) {
    const { counters, evaluations, facts, runs } = fields
    const saved: SavedAggregate = {
      keys: keys.encode(),
      fields: {
        ...fields,
        counters: [...counters],
        evaluations: [...evaluations],
        facts: savedFacts(facts),
        runs: [...runs],
      },
    }
    return JSON.stringify(saved)
  },
  decode(text) {
    const { keys, fields }: SavedAggregate = JSON.parse(text)
    const restored: AggregateFields = {
      ...fields,
      // JSON has no infinities.
      // Checkpoints of the first version have no ranks.
      agentTypeRank: fields.agentTypeRank ?? Number.MAX_SAFE_INTEGER,
      agentTypeAtMs: fields.agentTypeAtMs ?? Infinity,
      agentVersionAtMs: fields.agentVersionAtMs ?? -Infinity,
      firstMs: fields.firstMs ?? Infinity,
      lastMs: fields.lastMs ?? -Infinity,
      asideFirstMs: fields.asideFirstMs ?? Infinity,
      asideLastMs: fields.asideLastMs ?? -Infinity,
      counters: new Map(fields.counters),
      evaluations: new Map(fields.evaluations),
      facts: restoredFacts(fields.facts),
      runs: new Map(fields.runs),
    }
    return new Aggregate(restored, KeySet.decode(keys))
  },
  meta: ({ fields, startMs, endMs, endSignalled }) => ({ phase: fields.phase, startMs, endMs, endSignalled }),
  close({ fields }, revision) {
    fields.phase = 'closed'
    fields.revision = revision
  },
}

function savedFacts({ bySource, calls, toolCalls, modelErrors, rejections, meters }: Facts): Saved<Facts> {
  return {
    bySource: [...bySource].map(([source, tally]) => [source, savedTally(tally)]),
    calls: [...calls],
    toolCalls: [...toolCalls],
    modelErrors: [...modelErrors],
    rejections: [...rejections],
    meters: [...meters],
  }
}

function savedTally(tally: SourceTally): Saved<SourceTally> {
  const { tools, tasks, promptIds, modelErrorIds } = tally
  return {
    ...tally,
    tools: [...tools],
    promptIds: [...promptIds],
    modelErrorIds: [...modelErrorIds],
    tasks: { ...tasks, createdIds: [...tasks.createdIds], statuses: [...tasks.statuses] },
  }
}

function restoredFacts({ bySource, calls, toolCalls, modelErrors, rejections, meters }: Saved<Facts>): Facts {
  return {
    bySource: new Map(bySource.map(([source, tally]) => [source, restoredTally(tally)])),
    calls: new Map(calls),
    toolCalls: new Map(toolCalls),
    modelErrors: new Map(modelErrors),
    rejections: new Map(rejections),
    meters: new Map(meters),
  }
}

function restoredTally(tally: Saved<SourceTally>): SourceTally {
  const { tools, tasks, promptIds, modelErrorIds } = tally
  return {
    ...tally,
    tools: new Map(tools),
    promptIds: new Set(promptIds),
    modelErrorIds: new Set(modelErrorIds),
    tasks: { ...tasks, createdIds: new Set(tasks.createdIds), statuses: new Map(tasks.statuses) },
  }
}
