import type { TokenCounts } from '#src/model/activity.ts'
import type { Random } from '#src/stats/random.ts'

/** What happened in a session, before any client writes of it. Times are epoch milliseconds; `agent` is the subagent whose work it is. */
export type Happening =
  | { readonly kind: 'process_start'; readonly atMs: number; readonly source: 'startup' | 'resume' | 'clear' }
  | { readonly kind: 'process_end'; readonly atMs: number; readonly reason: 'other' | 'clear' }
  | { readonly kind: 'prompt'; readonly atMs: number; readonly promptId: string }
  | { readonly kind: 'compaction'; readonly atMs: number; readonly summary: string }
  | ModelCall
  | {
      readonly kind: 'model_error'
      readonly atMs: number
      readonly requestId: string
      readonly agent: Subagent | undefined
    }
  | ToolCall
  | { readonly kind: 'subagent_start'; readonly atMs: number; readonly subagent: Subagent }
  | { readonly kind: 'subagent_end'; readonly atMs: number; readonly subagent: Subagent }
  /** The end of the agent's turn. */
  | { readonly kind: 'turn_end'; readonly atMs: number; readonly startedMs: number; readonly promptId: string }

export interface ModelCall {
  readonly kind: 'model_call'
  readonly atMs: number
  readonly durationMs: number
  readonly requestId: string
  readonly tokens: TokenCounts
  readonly costUsd: number
  readonly tools: readonly ToolCall[]
  readonly agent: Subagent | undefined
  readonly last: boolean
}

export interface ToolCall {
  readonly kind: 'tool_call'
  readonly atMs: number
  readonly durationMs: number
  readonly toolUseId: string
  readonly tool: string
  readonly outcome: 'ok' | 'failed' | 'rejected'
  readonly agent: Subagent | undefined
  readonly task?: { readonly id: string; readonly to: 'created' | 'in_progress' | 'completed' }
  readonly starts?: Subagent
}

export interface Subagent {
  readonly id: string
  readonly type: string
  /** Whether the client shows its type to everyone. */
  readonly builtIn: boolean
  readonly parent: Subagent | undefined
  readonly background: boolean
  readonly toolUseId: string
}

export interface Process {
  readonly happenings: readonly Happening[]
  /** Killed: no end, and metrics lack what happened after this. */
  readonly lostAfterMs: number
}

export interface SessionScript {
  readonly id: string
  readonly processes: readonly Process[]
}

const TOOLS = ['Bash', 'Read', 'Write', 'mcp__tracker__list']
const MAX_DEPTH = 2

/** Sessions of one client: the second of two begins with `/clear`, in the process in which the first one ends. */
export function randomSessions(random: Random, startMs: number): SessionScript[] {
  const writer = new ScriptWriter(random, startMs)
  const first = writer.session('startup', random() < 0.4)
  return first.cleared ? [first.script, writer.session('clear', false).script] : [first.script]
}

class ScriptWriter {
  readonly #random: Random
  #nowMs: number
  #ids = 0
  #happened: Happening[] = []

  constructor(random: Random, startMs: number) {
    this.#random = random
    this.#nowMs = startMs
  }

  session(
    source: 'startup' | 'clear',
    cleared: boolean,
  ): { readonly script: SessionScript; readonly cleared: boolean } {
    const id = this.#id('session')
    const processes: Process[] = []
    const count = 1 + this.#upTo(2)
    for (let n = 0; n < count; n++) {
      const last = n === count - 1
      processes.push(this.#process(n === 0 ? source : 'resume', last && cleared ? 'clear' : 'other'))
      if (!last) this.#wait(3_600_000 + this.#upTo(36_000_000))
    }
    return { script: { id, processes }, cleared }
  }

  #process(source: 'startup' | 'resume' | 'clear', reason: 'other' | 'clear'): Process {
    this.#happened = []
    this.#happened.push({ kind: 'process_start', atMs: this.#wait(10), source })
    let lostAfterMs = Infinity
    const turns = 1 + this.#upTo(2)
    const killed = reason === 'other' && this.#random() < 0.25
    for (let n = 0; n < turns; n++) {
      if (killed && n === turns - 1) lostAfterMs = this.#nowMs
      this.#prompt()
      if (this.#random() < 0.2) {
        this.#happened.push({ kind: 'compaction', atMs: this.#wait(3000), summary: this.#id('summary') })
      }
    }
    if (!killed) this.#happened.push({ kind: 'process_end', atMs: this.#wait(500), reason })
    return { happenings: this.#happened, lostAfterMs }
  }

  #prompt(): void {
    const promptId = this.#id('prompt')
    const startedMs = this.#wait(1000 + this.#upTo(60_000))
    this.#happened.push({ kind: 'prompt', atMs: startedMs, promptId })
    this.#work(undefined, 0)
    if (this.#random() < 0.15) {
      const requestId = this.#id('req')
      this.#happened.push({ kind: 'model_error', atMs: this.#wait(900), requestId, agent: undefined })
    }
    this.#happened.push({ kind: 'turn_end', atMs: this.#wait(10), startedMs, promptId })
  }

  #work(agent: Subagent | undefined, depth: number): void {
    const rounds = 1 + this.#upTo(2)
    for (let n = 0; n < rounds; n++) {
      const call = this.#call(
        agent,
        Array.from({ length: 1 + this.#upTo(2) }, () => this.#tool(agent, depth)),
      )
      for (const tool of call.tools) this.#run(tool, depth)
    }
    if (agent === undefined && this.#random() < 0.6) this.#tasks()
    this.#call(agent, [])
  }

  #call(agent: Subagent | undefined, drafts: readonly ToolCall[]): ModelCall {
    const durationMs = 200 + this.#upTo(4000)
    const output = 10 + this.#upTo(500)
    const tokens = {
      ...{ freshInput: 1 + this.#upTo(50), cacheRead: this.#upTo(9000), cacheCreation: this.#upTo(300) },
      ...{ output, reasoning: 0 },
    }
    const call: ModelCall = {
      ...{ kind: 'model_call', atMs: this.#wait(durationMs), durationMs, requestId: this.#id('req'), tokens, agent },
      ...{ costUsd: output / 1e5, tools: drafts, last: drafts.length === 0 },
    }
    this.#happened.push(call)
    return call
  }

  #tool(agent: Subagent | undefined, depth: number): ToolCall {
    const toolUseId = this.#id('toolu')
    const durationMs = 5 + this.#upTo(900)
    const common = { kind: 'tool_call', atMs: 0, durationMs, toolUseId, agent } as const
    if (depth >= MAX_DEPTH || this.#random() > 0.25) {
      const chance = this.#random()
      const outcome = chance < 0.15 ? 'failed' : chance < 0.2 ? 'rejected' : 'ok'
      return { ...common, tool: TOOLS[this.#upTo(TOOLS.length - 1)] ?? 'Bash', outcome }
    }
    const builtIn = this.#random() < 0.5
    const starts: Subagent = {
      ...{ id: this.#id('agent'), type: builtIn ? 'general-purpose' : 'my-reviewer', builtIn, parent: agent },
      ...{ background: this.#random() < 0.4, toolUseId },
    }
    return { ...common, tool: 'Agent', outcome: 'ok', starts }
  }

  #run(draft: ToolCall, depth: number): void {
    const { starts } = draft
    if (starts === undefined) {
      this.#happened.push({ ...draft, atMs: this.#wait(draft.durationMs) })
      return
    }
    const launchedMs = this.#wait(20)
    if (starts.background) this.#happened.push({ ...draft, atMs: launchedMs, durationMs: 12 })
    this.#happened.push({ kind: 'subagent_start', atMs: launchedMs + 1, subagent: starts })
    this.#work(starts, depth + 1)
    this.#happened.push({ kind: 'subagent_end', atMs: this.#wait(5), subagent: starts })
    const atMs = this.#wait(5)
    if (!starts.background) this.#happened.push({ ...draft, atMs, durationMs: atMs - launchedMs })
  }

  #tasks(): void {
    const id = this.#id('')
    const steps = [
      ['TaskCreate', 'created'],
      ['TaskUpdate', 'in_progress'],
      ['TaskUpdate', 'completed'],
    ] as const
    const done = this.#random() < 0.7 ? 3 : 2
    const tools = steps.slice(0, done).map(([tool, to]): ToolCall => {
      const common = { kind: 'tool_call', atMs: 0, durationMs: 5, outcome: 'ok', agent: undefined } as const
      return { ...common, toolUseId: this.#id('toolu'), tool, task: { id, to } }
    })
    const call = this.#call(undefined, tools)
    for (const tool of call.tools) this.#happened.push({ ...tool, atMs: this.#wait(10) })
  }

  #wait(ms: number): number {
    this.#nowMs += ms
    return this.#nowMs
  }

  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1))
  }

  #id(prefix: string): string {
    this.#ids++
    return `${prefix}${this.#ids}`
  }
}
