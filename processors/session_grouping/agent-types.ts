import { starPattern } from '#src/config/star-pattern.ts'
import type { AgentTypeOrigin } from '#src/model/activity.ts'
import type { Session } from '#src/model/session.ts'

/** In characters. Agent types become file names, labels and lines of reports. */
export const MAX_AGENT_TYPE_LENGTH = 100

/** How agent types are told, the most trusted first. */
export const AGENT_TYPE_ORIGINS: readonly AgentTypeOrigin[] = ['hook', 'attribute', 'agent_name', 'service', 'format']

interface Rule {
  readonly match: string
  readonly agent_type: string
}

interface Options {
  readonly agent_type?: string | undefined
  readonly agent_type_rules: readonly Rule[]
  readonly default_agent_type: string
}

/** @returns 0 for the most trusted; an origin that is not given is an attribute */
export function agentTypeRank(origin: AgentTypeOrigin = 'attribute'): number {
  return AGENT_TYPE_ORIGINS.indexOf(origin)
}

/** Names agent types as the configuration wants it. */
export class AgentTypes {
  readonly #forced: string | undefined
  readonly #fallback: string
  readonly #rules: readonly (readonly [matches: (name: string) => boolean, agentType: string])[]

  constructor({ agent_type, agent_type_rules, default_agent_type }: Options) {
    this.#forced = agent_type
    this.#fallback = default_agent_type
    this.#rules = agent_type_rules.map(({ match, agent_type }) => [starPattern(match), agent_type])
  }

  /** @param told what the telemetry tells, if anything */
  ofSession(told: string | undefined): string {
    return this.#forced ?? this.#rename(told) ?? this.#fallback
  }

  /** Rules hold for subagents too; a forced agent type does not. @param told as of a session */
  ofSubagent(told: string | undefined): string {
    return this.#rename(told) ?? UNNAMED
  }

  renameInvocations(session: Session): Session {
    if (session.invocations.length === 0) return session
    const invocations = session.invocations.map((invocation) => ({
      ...invocation,
      agentType: this.ofSubagent(invocation.agentType),
    }))
    return { ...session, invocations }
  }

  #rename(told: string | undefined): string | undefined {
    const name = told === undefined ? '' : sanitised(told)
    if (name === '') return undefined
    return this.#rules.find(([matches]) => matches(name))?.[1] ?? name
  }
}

const UNNAMED = 'unknown'

/** What is sanitised already: most names, and each session has one. */
const PLAIN_NAME = /^[\x21-\x7e]+$/

/** One line without invisible characters, in one Unicode spelling, of bounded length; may be empty. */
export function sanitised(name: string): string {
  if (name.length <= MAX_AGENT_TYPE_LENGTH && PLAIN_NAME.test(name)) return name
  const visible = name
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim()
  return [...visible].slice(0, MAX_AGENT_TYPE_LENGTH).join('').trim()
}
