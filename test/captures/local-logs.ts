import { capture } from './captures.ts'

/** What an agent wrote down of a session on its own disk, added up independently of agentperf. */
export interface LocalTotals {
  readonly modelCalls: number
  /** With what came from the cache. */
  readonly inputTokens: number
  readonly cacheReadTokens: number
  /** With what was thought. */
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** How often each tool was called, and how often it failed. */
  readonly tools: Readonly<Record<string, { readonly calls: number; readonly failures: number }>>
}

function linesOf<Line>(name: string): Line[] {
  return capture(name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function toolsOf(calls: readonly { readonly tool: string; readonly failed: boolean }[]): LocalTotals['tools'] {
  const byTool = Object.entries(Object.groupBy(calls, ({ tool }) => tool))
  return Object.fromEntries(
    byTool.map(([tool, all = []]) => [
      tool,
      { calls: all.length, failures: all.filter(({ failed }) => failed).length },
    ]),
  )
}

interface RolloutLine {
  readonly type: string
  readonly payload: {
    readonly type?: string
    readonly name: string
    readonly call_id: string
    readonly output: string
    readonly thread_token_usage: Readonly<
      Record<'input_tokens' | 'cached_input_tokens' | 'output_tokens' | 'reasoning_output_tokens', number>
    >
    readonly item?: { readonly type: string; readonly id: string; readonly exit_code: number }
  }
}

/** Codex's rollout: the thread's tokens as it adds them up, and how each call ended. */
export function codexRollout(name: string): LocalTotals {
  const lines = linesOf<RolloutLine>(name)
  const payloads = lines.map(({ payload }) => payload)
  const usages = lines.filter(({ type }) => type === 'token_usage_record')
  const total = usages.at(-1)?.payload.thread_token_usage
  if (total === undefined) throw new Error(`no usage in ${name}`)
  const failed = new Set<string>()
  for (const { type, call_id, output, item } of payloads) {
    if (item?.type === 'CommandExecution' && item.exit_code !== 0) failed.add(item.id)
    if (type === 'function_call_output' && output.startsWith('unsupported call')) failed.add(call_id)
  }
  const calls = payloads.filter(({ type }) => type === 'function_call')
  return {
    modelCalls: usages.length,
    inputTokens: total.input_tokens,
    cacheReadTokens: total.cached_input_tokens,
    outputTokens: total.output_tokens,
    reasoningTokens: total.reasoning_output_tokens,
    tools: toolsOf(calls.map((call) => ({ tool: call.name, failed: failed.has(call.call_id) }))),
  }
}

interface GeminiLine {
  readonly type?: string
  readonly id: string
  readonly tokens: Readonly<Record<'input' | 'output' | 'cached' | 'thoughts' | 'tool', number>>
  readonly toolCalls?: readonly { readonly name: string; readonly status: string }[]
}

/** Gemini CLI's chat: a message is written again when its tools are done; its output leaves out the thoughts. */
export function geminiChat(name: string): LocalTotals {
  const answers = linesOf<GeminiLine>(name).filter(({ type }) => type === 'gemini')
  const messages = [...new Map(answers.map((answer) => [answer.id, answer])).values()]
  const tokens = (field: keyof GeminiLine['tokens']) => sum(messages.map((message) => message.tokens[field]))
  const calls = messages.flatMap(({ toolCalls = [] }) => toolCalls)
  return {
    modelCalls: messages.length,
    inputTokens: tokens('input') + tokens('tool'),
    cacheReadTokens: tokens('cached'),
    outputTokens: tokens('output') + tokens('thoughts'),
    reasoningTokens: tokens('thoughts'),
    tools: toolsOf(calls.map(({ name: tool, status }) => ({ tool, failed: status !== 'success' }))),
  }
}

interface QwenLine {
  readonly type: string
  readonly message: { readonly parts: readonly { readonly functionResponse: { readonly name: string } }[] }
  readonly toolCallResult: { readonly status: string }
  readonly usageMetadata: Readonly<
    Record<'promptTokenCount' | 'cachedContentTokenCount' | 'candidatesTokenCount' | 'thoughtsTokenCount', number>
  >
}

/** Qwen Code's chat: the answers' usage, and how each call ended. */
export function qwenChat(name: string): LocalTotals {
  const lines = linesOf<QwenLine>(name)
  const usages = lines.filter(({ type }) => type === 'assistant').map(({ usageMetadata }) => usageMetadata)
  const tokens = (field: keyof QwenLine['usageMetadata']) => sum(usages.map((usage) => usage[field]))
  const results = lines.filter(({ type }) => type === 'tool_result')
  const calls = results.flatMap(({ message, toolCallResult }) =>
    message.parts.map((part) => ({ tool: part.functionResponse.name, failed: toolCallResult.status !== 'success' })),
  )
  return {
    modelCalls: usages.length,
    inputTokens: tokens('promptTokenCount'),
    cacheReadTokens: tokens('cachedContentTokenCount'),
    outputTokens: tokens('candidatesTokenCount'),
    reasoningTokens: tokens('thoughtsTokenCount'),
    tools: toolsOf(calls),
  }
}

interface QwenSummary {
  readonly models: Readonly<Record<string, QwenModel>>
  readonly tools: { readonly byName: Readonly<Record<string, { readonly count: number; readonly fail: number }>> }
}

type QwenModel = Readonly<
  Record<'requests' | 'inputTokens' | 'cachedTokens' | 'outputTokens' | 'thoughtsTokens', number>
>

/** Qwen Code's own summary of a session. */
export function qwenUsageRecord(name: string): LocalTotals {
  const [summary] = linesOf<QwenSummary>(name)
  if (summary === undefined) throw new Error(`nothing in ${name}`)
  const models = Object.values(summary.models)
  const tokens = (field: keyof QwenModel) => sum(models.map((model) => model[field]))
  const tools = Object.entries(summary.tools.byName)
  return {
    modelCalls: tokens('requests'),
    inputTokens: tokens('inputTokens'),
    cacheReadTokens: tokens('cachedTokens'),
    outputTokens: tokens('outputTokens'),
    reasoningTokens: tokens('thoughtsTokens'),
    tools: Object.fromEntries(tools.map(([tool, { count, fail }]) => [tool, { calls: count, failures: fail }])),
  }
}

interface Point {
  readonly asInt?: string | number
  readonly asDouble?: number
  readonly sum?: number
  readonly attributes: readonly {
    readonly key: string
    readonly value: { readonly stringValue?: string; readonly boolValue?: boolean }
  }[]
}

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string
        readonly sum?: { readonly dataPoints: readonly Point[] }
        readonly histogram?: { readonly dataPoints: readonly Point[] }
      }[]
    }[]
  }[]
}

/** Copilot CLI wrote no log that was captured: its metrics say the same as its spans, and are not read beside them. */
export function copilotMetrics(name: string): LocalTotals {
  const scopes = linesOf<MetricsRequest>(name).flatMap(({ resourceMetrics }) =>
    resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics),
  )
  const points = (metric: string): readonly Point[] =>
    scopes
      .flatMap(({ metrics }) => metrics.filter((each) => each.name === metric))
      .flatMap(({ sum: counter, histogram }) => (counter ?? histogram)?.dataPoints ?? [])
  const total = (metric: string) =>
    sum(points(metric).map(({ asInt, asDouble, sum: total }) => Number(asInt ?? asDouble ?? total)))
  const usage = (kind: string) => total(`gen_ai.client.inference.usage.${kind}`)
  const calls = points('github.copilot.tool.call.count').map(({ attributes }) => {
    const value = (key: string) => attributes.find((attribute) => attribute.key === key)?.value
    return { tool: value('gen_ai.tool.name')?.stringValue ?? '', failed: value('success')?.boolValue === false }
  })
  return {
    modelCalls: total('gen_ai.invoke_agent.inference_calls'),
    inputTokens: usage('input_tokens'),
    cacheReadTokens: usage('cache_read.input_tokens'),
    outputTokens: usage('output_tokens'),
    reasoningTokens: usage('reasoning.output_tokens'),
    tools: toolsOf(calls),
  }
}
