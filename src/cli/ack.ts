import * as z from 'zod'
import { agentStatus } from '#src/alert/agent-status.ts'
import { ACK_SCHEMA } from '#src/model/ack.ts'
import { formatTime } from '#src/report/format.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { lastLineOf } from './agent-types.ts'
import { type Change, makeChange } from './change.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { AckOptions } from './options.ts'

/** Notes that somebody has seen what was alarming about an agent type's last session: it warns and blocks no more. */
export async function run({ agentType, falseAlarm, ...globals }: AckOptions, io: Io): Promise<number> {
  return makeChange(ackChange, { agentType, falseAlarm }, await loadConfiguration(globals, io), io)
}

const ackOptionsSchema = z.strictObject({ agentType: z.string(), falseAlarm: z.boolean() })

export const ackChange: Change<z.infer<typeof ackOptionsSchema>> = {
  name: 'ack',
  schema: ackOptionsSchema,

  async perform({ agentType, falseAlarm }, { store, io }) {
    const name = visibleText(agentType)
    // The history knows without reading the whole ledger that there is none.
    const last = store.history.of(agentType) && lastLineOf(store.directory, agentType)
    if (last === undefined) {
      io.stderr.write(`There are no sessions of agent type ${name}. \`agentperf status\` lists them.\n`)
      return EXIT.finding
    }
    const { status, because, session_id: sessionId, ended_at: endedAt } = agentStatus(last)
    const session = `the last session of ${name} (${visibleText(sessionId)}, ended ${endedAt.slice(0, 10)})`
    if (status === 'PASS') {
      io.stderr.write(`Nothing is alarming about ${session}: there is nothing to acknowledge.\n`)
      return EXIT.finding
    }
    const known = store.acks.of(agentType, sessionId)
    if (known?.false_alarm === falseAlarm) {
      io.stdout.write(
        `${status} of ${session} was acknowledged ${asFalse(falseAlarm)}${formatTime(known.at)} already.\n`,
      )
      return EXIT.fine
    }
    await store.acks.append({
      schema: ACK_SCHEMA,
      at: new Date(io.nowMs()).toISOString(),
      agent_type: agentType,
      session_id: sessionId,
      false_alarm: falseAlarm,
    })
    io.stdout.write(`${status} of ${session} is acknowledged ${asFalse(falseAlarm)}and neither warns nor blocks:\n`)
    for (const message of because) io.stdout.write(`  ${visibleText(message)}\n`)
    return EXIT.fine
  },
}

function asFalse(falseAlarm: boolean): string {
  return falseAlarm ? 'as a false alarm ' : ''
}
