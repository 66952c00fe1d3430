import { DIALECTS } from './dialects.ts'
import { type Fact, TRUST_ORDER } from './trust-order.ts'

const RANKS: Readonly<Record<Fact, ReadonlyMap<string, number>>> = {
  model_calls: ranksOf('model_calls'),
  model_errors: ranksOf('model_errors'),
  tools: ranksOf('tools'),
  rejections: ranksOf('rejections'),
  prompts: ranksOf('prompts'),
  compactions: ranksOf('compactions'),
  tasks: ranksOf('tasks'),
  metered_use: ranksOf('metered_use'),
  active_time: ranksOf('active_time'),
}

/**
 * Sources that can tell a fact, the most trusted first. Facts with an id are merged by it, whatever their sources; of
 * facts without one only those of the most trusted source count that the session has.
 *
 * Nothing is listed here: each dialect says of its sources what they tell, and their kind says how far they are trusted.
 * Sources of one kind stand in the order of the dialects.
 */
export function sourcesOf(fact: Fact): readonly string[] {
  return [...RANKS[fact].keys()]
}

/** The source whose facts without an id count, of those that a session has. */
export function trustedSource(fact: Fact, sources: Readonly<Record<string, unknown>>): string | undefined {
  for (const source of RANKS[fact].keys()) {
    if (Object.hasOwn(sources, source)) return source
  }
  return undefined
}

/**
 * Sources of the same emitter, of which a session has at least one where telemetry of this source belongs to it.
 *
 * @returns `undefined` for a source that has none beside it, whose telemetry may belong to any session
 */
export function companionsOf(source: string): readonly string[] | undefined {
  const dialect = DIALECTS.find(({ sources }) => sources.some(({ name }) => name === source))
  const names = dialect?.sources.map(({ name }) => name) ?? []
  return names.length > 1 ? names : undefined
}

/** How much a source is trusted on a fact: 0 most; unknown sources least. */
export function distrust(fact: Fact, source: string): number {
  return RANKS[fact].get(source) ?? RANKS[fact].size
}

function ranksOf(fact: Fact): ReadonlyMap<string, number> {
  const sources = DIALECTS.flatMap((dialect) => dialect.sources).filter(({ tells }) => tells.includes(fact))
  const ordered = TRUST_ORDER[fact].flatMap((kind) => sources.filter((source) => source.kind === kind))
  return new Map(ordered.map(({ name }, rank) => [name, rank]))
}
