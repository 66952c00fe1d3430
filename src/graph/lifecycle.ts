import type { Logger } from '#src/component.ts'
import type { Graph, GraphComponent } from './build.ts'

/** Something that did not stop as it should. */
export interface StopFailure {
  /** A component's kind and id. */
  readonly name: string
  readonly message: string
  readonly error?: unknown
}

/** One thing to stop. */
interface StopStep {
  readonly name: string
  stop(withinMs: number): Promise<void>
}

const START_FAILED_TIMEOUT_MS = 5000
const stops = new WeakMap<Graph, Promise<readonly StopFailure[]>>()

/**
 * Starts all components in order. When one fails, it and those before it are stopped in reverse, and its error is
 * thrown on. Once `stopGraph` was called nothing more is started.
 */
export async function startGraph(graph: Graph, log?: Logger): Promise<void> {
  const started: GraphComponent[] = []
  for (const node of graph.components) {
    if (stops.has(graph)) return
    started.push(node)
    try {
      await node.component.start()
    } catch (error) {
      await stopInOrder(started.toReversed().map(stepOf), START_FAILED_TIMEOUT_MS, log)
      throw error
    }
  }
}

/**
 * Stops all components: receivers first, then processors in the direction of flow, so that each drains into the next,
 * then exporters. What fails or takes too long is logged and returned, and the rest is still stopped. Calling it again
 * gives the same result.
 *
 * @param timeoutMs how long stopping may take altogether; each component may use half of what is left, the last one all
 * @param beforeExporters drains what stands between processors and exporters
 */
export function stopGraph(
  graph: Graph,
  timeoutMs: number,
  log?: Logger,
  beforeExporters?: () => Promise<void>,
): Promise<readonly StopFailure[]> {
  const known = stops.get(graph)
  if (known !== undefined) return known
  const inReverse = graph.components.toReversed()
  const steps = [
    ...inReverse.filter(({ kind }) => kind !== 'exporter').map(stepOf),
    ...(beforeExporters === undefined ? [] : [{ name: 'the commit stage', stop: beforeExporters }]),
    ...inReverse.filter(({ kind }) => kind === 'exporter').map(stepOf),
  ]
  const stopping = stopInOrder(steps, timeoutMs, log)
  stops.set(graph, stopping)
  return stopping
}

/**
 * Tells all consumers that no more input will come, in the direction of flow, so that what one hands on still reaches
 * the next. All are told, whatever happens.
 *
 * @throws AggregateError of all failures
 */
export async function endOfInput(graph: Graph): Promise<void> {
  const failures: Error[] = []
  for (const { id, component } of graph.components.toReversed()) {
    if (!('endOfInput' in component)) continue
    try {
      await component.endOfInput?.()
    } catch (error) {
      failures.push(new Error(`${id} failed at the end of its input: ${messageOf(error)}`, { cause: error }))
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '))
}

async function stopInOrder(
  steps: readonly StopStep[],
  timeoutMs: number,
  log: Logger | undefined,
): Promise<readonly StopFailure[]> {
  const deadlineMs = performance.now() + timeoutMs
  const failures: StopFailure[] = []
  for (const [i, step] of steps.entries()) {
    const leftMs = Math.max(0, deadlineMs - performance.now())
    // One that hangs must leave time to the others.
    const failure = await stopWithin(step, i === steps.length - 1 ? leftMs : leftMs / 2)
    if (failure === undefined) continue
    log?.error({ stopping: failure.name, err: failure.error }, failure.message)
    failures.push(failure)
  }
  return failures
}

async function stopWithin({ name, stop }: StopStep, timeoutMs: number): Promise<StopFailure | undefined> {
  const { promise: overrun, resolve } = Promise.withResolvers<StopFailure>()
  const message = `${name} did not stop within ${Math.round(timeoutMs)} ms: what it still held may be missing`
  const timer = setTimeout(() => resolve({ name, message }), timeoutMs)
  const stopped = Promise.try(stop, timeoutMs).then(
    () => undefined,
    (error: unknown) => ({ name, message: `${name} failed to stop: ${messageOf(error)}`, error }),
  )
  const failure = await Promise.race([stopped, overrun])
  clearTimeout(timer)
  return failure
}

function stepOf({ kind, id, component }: GraphComponent): StopStep {
  return { name: `${kind} ${id}`, stop: (withinMs) => component.stop(withinMs) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
