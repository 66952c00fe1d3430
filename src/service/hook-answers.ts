import type { AgentStart, AgentTypeNames, Alarms, Decisions, HookAnswer, Prompt } from '../component.ts'
import { INJECTION_SCHEMA, type InjectionLine } from '../model/injection.ts'
import type { Store } from '../store/store.ts'
import { answerStart, type Start } from '../suggestion/answer-start.ts'
import { estimateTokens } from '../suggestion/estimate-tokens.ts'

type HookEvent = Readonly<Record<string, unknown>>

const NOTHING_TO_SAY: HookAnswer = { body: {}, events: [] }

/** Starts of sessions in which nothing was said yet; the others have what was injected in their context already. */
const NEW_SOURCES: ReadonlySet<unknown> = new Set([undefined, 'startup', 'clear'])

/** Answers hooks from the projections of both ledgers. */
export class HookAnswers implements Decisions {
  readonly #store: Pick<Store, 'history' | 'suggestions'>
  readonly #alarms: Alarms[] = []
  #names: AgentTypeNames = { ofSession: (told) => told ?? '', ofSubagent: (told) => told ?? '' }

  constructor(store: Pick<Store, 'history' | 'suggestions'>) {
    this.#store = store
  }

  nameAgentTypes(names: AgentTypeNames): void {
    this.#names = names
  }

  tellAlarms(alarms: Alarms): void {
    this.#alarms.push(alarms)
  }

  answerHook(event: HookEvent, nowMs: number): HookAnswer {
    if (event.hook_event_name === 'UserPromptSubmit') return this.#answerPrompt(event, nowMs)
    const start = this.#startOf(event, nowMs)
    if (start === undefined) return NOTHING_TO_SAY
    const { history, suggestions } = this.#store
    const warning = this.#alarms.map((alarms) => alarms.atStart(begun(start))).find((text) => text !== '') ?? ''
    const { text, events, injection } = answerStart(start, {
      lives: suggestions.of(start.agentType),
      assignments: suggestions.assignmentsOf(start.agentType),
      history: history.of(start.agentType),
      salt: suggestions.salt,
      warning,
    })
    if (injection === undefined) return { body: {}, events }
    const output = { hookEventName: event.hook_event_name, additionalContext: text }
    return { body: { hookSpecificOutput: output }, events, injection }
  }

  #answerPrompt(event: HookEvent, nowMs: number): HookAnswer {
    const sessionId = textOf(event.session_id)
    if (sessionId === undefined) return NOTHING_TO_SAY
    const agentType = this.#names.ofSession(textOf(event.agent_type))
    const text = textOf(event.prompt) ?? ''
    const prompt = { sessionId, agentType, text, nowMs }
    const answers = this.#alarms.map((alarms) => alarms.atPrompt(prompt))
    const block = answers.flatMap((answer) => answer.block ?? [])[0]
    if (block !== undefined) return { body: { decision: 'block', reason: block }, events: [] }
    const additionalContext = answers.flatMap((answer) => answer.context ?? [])[0]
    if (additionalContext === undefined) return NOTHING_TO_SAY
    return {
      body: { hookSpecificOutput: { hookEventName: 'UserPromptSubmit', additionalContext } },
      events: [],
      injection: warningLine(prompt, additionalContext),
    }
  }

  #startOf(event: HookEvent, nowMs: number): Start | undefined {
    const { hook_event_name: name, source } = event
    const sessionId = textOf(event.session_id)
    const isSubagent = name === 'SubagentStart'
    if (sessionId === undefined || (name !== 'SessionStart' && !isSubagent)) return undefined
    if (!isSubagent && !NEW_SOURCES.has(source) && source !== 'compact') return undefined
    const told = textOf(event.agent_type)
    const agentType = isSubagent ? this.#names.ofSubagent(told) : this.#names.ofSession(told)
    const last = this.#store.history.of(agentType)?.window.at(-1)
    return {
      sessionId,
      hook: isSubagent ? 'SubagentStart' : 'SessionStart',
      agentId: isSubagent ? textOf(event.agent_id) : undefined,
      agentType,
      // Without a word of it, the next session is like the last one.
      stratum: { model: textOf(event.model) ?? last?.model ?? null, agent_version: last?.agentVersion ?? null },
      isNew: isSubagent || NEW_SOURCES.has(source),
      at: new Date(nowMs).toISOString(),
    }
  }
}

function begun({ sessionId, agentType, hook, isNew }: Start): AgentStart {
  return { sessionId, agentType, begins: isNew && hook === 'SessionStart' }
}

/** A warning in the middle of a session. */
function warningLine(
  { sessionId, agentType, nowMs }: Pick<Prompt, 'sessionId' | 'agentType' | 'nowMs'>,
  text: string,
): InjectionLine {
  const tokens = estimateTokens(text)
  return {
    schema: INJECTION_SCHEMA,
    at: new Date(nowMs).toISOString(),
    session_id: sessionId,
    agent_type: agentType,
    hook: 'UserPromptSubmit',
    suggestion_ids: [],
    tokens,
    warning_tokens: tokens,
    suggestion_tokens: 0,
    baseline_tokens: 0,
    characters: text.length,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
