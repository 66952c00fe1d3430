import { type Alarm, blockEndMs } from './alarm.ts'

const MAX_MESSAGES = 2
const MAX_MESSAGE_CHARACTERS = 120
const MAX_BLOCKING_CHARACTERS = 300

/** What the next session of the agent type is told at its start: Markdown, facts only. */
export function warningBanner({ level, endedAt, because }: Alarm): string {
  return [
    '## Performance Warning',
    '',
    `The last session of this agent (ended ${endedAt.slice(0, 10)}) was ${level}:`,
    ...bullets(because),
  ].join('\n')
}

/** What a session is told while it is open: Markdown, facts only. */
export function warningSoFar(because: readonly string[]): string {
  return ['This session so far is far from what is usual for this agent:', ...bullets(because)].join('\n')
}

/** Why a prompt is not let through, and the command that lifts the block; for people. */
export function blockReason(alarm: Alarm): string {
  const { agentType, endedAt, sessionId, blocking = '' } = alarm
  const until = `${new Date(blockEndMs(alarm)).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return [
    `agentperf stops this prompt: the last session of this agent (${oneLine(sessionId, MAX_MESSAGE_CHARACTERS)}, ended ${endedAt.slice(0, 10)}) was CRITICAL.`,
    oneLine(blocking, MAX_BLOCKING_CHARACTERS),
    `When you have looked at it: ${ackCommand(agentType)} (or, when nothing was wrong: ${ackCommand(agentType, '--false-alarm ')}).`,
    `The block ends with the agent's next session that does something, at the latest ${until}; one as bad blocks anew.`,
    '`alerting: { block: off }` switches blocking off.',
  ].join('\n')
}

/** What looks like an option is none behind `--`. */
function ackCommand(agentType: string, option = ''): string {
  const word = quoted(agentType)
  return `agentperf ack ${option}${/^'?-/.test(word) ? '-- ' : ''}${word}`
}

function bullets(messages: readonly string[]): readonly string[] {
  return messages.slice(0, MAX_MESSAGES).map((message) => `- ${oneLine(message, MAX_MESSAGE_CHARACTERS)}`)
}

/** As one word of a POSIX shell. */
function quoted(text: string): string {
  const visible = text.replace(/\p{C}/gu, ' ')
  return /^[\w./-]+$/.test(visible) ? visible : `'${visible.replaceAll("'", "'\\''")}'`
}

/** Labels of KPIs come from the configuration: no line of its own, no markup. */
function oneLine(text: string, maxCharacters: number): string {
  const line = [...text.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim()]
  return line.length <= maxCharacters ? line.join('') : `${line.slice(0, maxCharacters - 1).join('')}…`
}
