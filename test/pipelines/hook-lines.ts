/** Lines as hooks write them, for pipeline tests. Times are seconds after {@link T0}. */

export const T0 = 1_770_920_880

interface SpanRest {
  readonly session?: string | undefined
  readonly lengthMs?: number
  readonly status?: number
  readonly [attribute: `${string}.${string}`]: unknown
}

let serial = 0

export function span(atSeconds: number, name: string, rest: SpanRest = {}): string {
  const { lengthMs = 4, status = 1, ...attributes } = rest
  const session = 'session' in rest ? rest.session : 's1'
  delete (attributes as { session?: string }).session
  const endMs = (T0 + atSeconds) * 1000 + lengthMs
  const id = (++serial).toString(16)
  return JSON.stringify({
    traceId: id.padStart(32, '0'),
    spanId: id.padStart(16, '0'),
    name: `hook:${name}`,
    kind: 0,
    startTime: [T0 + atSeconds, 0],
    endTime: [Math.floor(endMs / 1000), (endMs % 1000) * 1e6],
    duration: [Math.floor(lengthMs / 1000), (lengthMs % 1000) * 1e6],
    status: { code: status },
    attributes: { ...(session === undefined ? {} : { 'session.id': session }), ...attributes },
    events: [],
    links: [],
    resource: { serviceName: 'claude-code-hooks', serviceVersion: '1.0.0' },
  })
}

export function tool(atSeconds: number, name: string, rest: SpanRest = {}): string {
  return span(atSeconds, 'builtin-post-tool', { 'builtin.tool': name, 'builtin.success': true, ...rest })
}

export function tokens(atSeconds: number, messages: number, output: number, rest: SpanRest = {}): string {
  return span(atSeconds, 'token-metrics-extraction', {
    'tokens.input': 10,
    'tokens.output': output,
    'tokens.cache_read': 1000,
    'tokens.cache_creation': 100,
    'tokens.messages': messages,
    'tokens.model': 'opus',
    ...rest,
  })
}

export function evaluation(atSeconds: number, name: string, score: number | null, rest: SpanRest = {}): string {
  return JSON.stringify({
    timestamp: new Date((T0 + atSeconds) * 1000).toISOString(),
    name: 'gen_ai.evaluation.result',
    attributes: {
      'gen_ai.evaluation.name': name,
      'gen_ai.evaluation.score.value': score,
      'gen_ai.evaluation.evaluator': 'llm-judge',
      'gen_ai.evaluation.evaluator.type': 'llm',
      'session.id': 's1',
      ...rest,
    },
  })
}
