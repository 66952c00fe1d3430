import { type AgentStatus, agentStatus } from '#src/alert/agent-status.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { lastLines } from './agent-types.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { CheckOptions } from './options.ts'

/** For scripts: says which agent types are in WARNING or CRITICAL, by their last session, and why. */
export async function run(options: CheckOptions, io: Io): Promise<number> {
  const { service } = await loadConfiguration(options, io)
  const { directory } = service.storage
  const { agentType } = options
  const found = lastLines(directory)
    .map(agentStatus)
    .filter((one) => agentType === undefined || one.agent_type === agentType)
  const alarming = found.filter(({ status }) => status !== 'PASS')
  if (options.json) io.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  else io.stdout.write(found.length === 0 ? '' : textOf(found, alarming))
  if (found.length > 0) return alarming.length > 0 ? EXIT.finding : EXIT.fine
  const of = agentType === undefined ? '' : ` of agent type ${visibleText(agentType)}`
  io.stderr.write(`There are no sessions${of} in ${directory}: nothing could be checked.\n`)
  // A name that is wrong must not pass.
  return agentType === undefined ? EXIT.fine : EXIT.finding
}

function textOf(found: readonly AgentStatus[], alarming: readonly AgentStatus[]): string {
  const rows = alarming.flatMap(({ agent_type, status, because, session_id }) => [
    `${status} ${visibleText(agent_type)} (session ${visibleText(session_id)})\n`,
    ...because.map((reason) => `  ${visibleText(reason)}\n`),
  ])
  return `${rows.join('')}${found.length - alarming.length} of ${found.length} agent types pass\n`
}
