import { existsSync } from 'node:fs'
import { type AgentStatus, agentStatus } from '#src/alert/agent-status.ts'
import { formatTime } from '#src/report/format.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { AckLog } from '#src/store/ack-log.ts'
import { layoutOf } from '#src/store/layout.ts'
import { lastLines } from './agent-types.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { CheckOptions } from './options.ts'
import { ownName } from './own-name.ts'

interface CheckedAgent extends AgentStatus {
  /** When somebody said that they had seen it; `null` when nobody did. An alarm stays one. */
  readonly acknowledged: string | null
}

/** For scripts: says which agent types are in WARNING or CRITICAL, by their last session, and why. */
export async function run(options: CheckOptions, io: Io): Promise<number> {
  const { service } = await loadConfiguration(options, io)
  const { directory } = service.storage
  const { agentType } = options
  if (!isStorage(directory)) {
    io.stderr.write(`${directory} is no storage directory of agentperf: there is nothing to judge. `)
    io.stderr.write(`service.storage.directory names it, and \`${ownName(io)} run\` fills it.\n`)
    return EXIT.usage
  }
  const acks = new AckLog({ path: layoutOf(directory).acks, readOnly: true })
  const found = lastLines(directory)
    .map(agentStatus)
    .filter((one) => agentType === undefined || one.agent_type === agentType)
    .map((one) => ({ ...one, acknowledged: acks.of(one.agent_type, one.session_id)?.at ?? null }))
  const alarming = found.filter(({ status }) => status !== 'PASS')
  if (options.json) io.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  else io.stdout.write(found.length === 0 ? '' : textOf(found, alarming))
  if (found.length > 0) return alarming.length > 0 ? EXIT.finding : EXIT.fine
  const of = agentType === undefined ? '' : ` of agent type ${visibleText(agentType)}`
  io.stderr.write(`There are no sessions${of} in ${directory}: there is nothing to judge.\n`)
  // A name that is wrong must not pass.
  return agentType === undefined ? EXIT.fine : EXIT.finding
}

/** A check of a wrong directory must not pass. */
function isStorage(directory: string): boolean {
  const { stateDirectory, historyDirectory } = layoutOf(directory)
  return existsSync(stateDirectory) || existsSync(historyDirectory)
}

function textOf(found: readonly CheckedAgent[], alarming: readonly CheckedAgent[]): string {
  const rows = alarming.flatMap(({ agent_type, status, because, session_id, acknowledged }) => [
    `${status} ${visibleText(agent_type)} (session ${visibleText(session_id)}${acknowledgedText(acknowledged)})\n`,
    ...because.map((reason) => `  ${visibleText(reason)}\n`),
  ])
  return `${rows.join('')}${found.length - alarming.length} of ${found.length} agent types pass\n`
}

function acknowledgedText(at: string | null): string {
  return at === null ? '' : `, acknowledged ${formatTime(at)}`
}
