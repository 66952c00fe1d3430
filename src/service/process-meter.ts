import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { OwnMetric } from './own-metrics.ts'

/** The event loop is looked at this often, once the reader has asked. */
const RESOLUTION_MS = 20
const NANOSECONDS = 1e9
const QUANTILES = [0.5, 0.99] as const

/** What the process takes of the machine, for one reader. */
export class ProcessMeter {
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined

  collect(): readonly OwnMetric[] {
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const of = (name: string, type: OwnMetric['type'], unit: string, description: string, value: number): OwnMetric => {
      return { name, type, unit, description, points: [{ labels: {}, value }] }
    }
    return [
      of('agentperf.process.uptime', 'counter', 's', 'How long the process has run.', process.uptime()),
      of('agentperf.process.cpu', 'counter', 's', 'User and system time of the process.', (user + system) / 1e6),
      of('agentperf.process.memory.rss', 'gauge', 'By', 'Memory of the process.', rss),
      of('agentperf.process.runtime.heap.alloc', 'gauge', 'By', 'What is in use of its heap.', heapUsed),
      ...this.#delayMetrics(),
    ]
  }

  stop(): void {
    this.#delay?.disable()
  }

  /** Since the reader asked last; nothing the first time. */
  #delayMetrics(): readonly OwnMetric[] {
    const delay = this.#delay
    if (delay === undefined) {
      this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
      this.#delay.enable()
      return []
    }
    if (delay.count === 0) return []
    // What is measured is how long a timer took, with its own time.
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000)
    const points = [
      ...QUANTILES.map((quantile) => ({
        labels: { quantile: `${quantile}` },
        value: late(delay.percentile(quantile * 100)),
      })),
      { labels: { quantile: '1' }, value: late(delay.max) },
    ]
    delay.reset()
    const description = 'How late the event loop was since this was asked last.'
    return [{ name: 'agentperf.process.event_loop.delay', type: 'gauge', unit: 's', description, points }]
  }
}
