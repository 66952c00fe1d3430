import type { Context, Next, Processor, ProcessorFactory } from '#src/component.ts'
import { USUAL_SENDER } from '#src/dialect/claude-hooks.ts'
import { AgentTypes } from './agent-types.ts'
import { type Config, configSchema } from './config.ts'
import { Grouping } from './grouping.ts'

/** How often sessions are looked over for those that have ended. */
const TICK_MS = 1000

/** Collects telemetry under its session ids and hands sessions on when they end. */
export const sessionGrouping: ProcessorFactory<Config, 'telemetry', 'session'> = {
  kind: 'processor',
  type: 'session_grouping',
  stability: 'beta',
  description: 'Reads telemetry of all known sources into sessions and hands them on when they end.',
  consumes: 'telemetry',
  produces: 'session',
  configSchema,
  create: (config, context, next) => createProcessor(config, context, next),
}

function createProcessor(config: Config, context: Context, next: Next<'session'>): Processor<'telemetry'> {
  const grouping = new Grouping(config, context, next)
  const agentTypes = new AgentTypes(config)
  context.decisions.nameAgentTypes({
    ofSession: (told) => agentTypes.ofSession(told ?? USUAL_SENDER),
    ofSubagent: (told) => agentTypes.ofSubagent(told),
  })
  let timer: NodeJS.Timeout | undefined
  let unsubscribe = (): void => {}
  const endQuietSessions = (): void => {
    grouping.endQuietSessions().catch((error: unknown) => {
      context.log.error({ error: String(error) }, 'ending sessions failed; it is tried again')
    })
  }
  const tick = (): void => {
    endQuietSessions()
    grouping.sendLive().catch((error: unknown) => {
      // Nothing is lost: it is handed on when it has ended.
      context.log.debug({ error: String(error) }, 'an open session could not be handed on')
    })
  }
  return {
    async start() {
      await grouping.resume()
      timer = setInterval(tick, TICK_MS)
      unsubscribe = context.progress.onScanned(endQuietSessions)
    },
    async stop() {
      clearInterval(timer)
      unsubscribe()
      await grouping.settle()
    },
    consume: (batch) => grouping.take(batch),
    endOfInput: () => grouping.endAllSessions(),
  }
}
