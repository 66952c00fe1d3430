import { isCodexLine } from './codex-line.ts'
import { parseObject, textOf } from './json.ts'

/** So much of a file tells what it is, unless its first lines are longer. */
export const TELLING_BYTES = 262_144

/** Of a line that is too long to be parsed: what stands at its start. */
const CLAUDE_START = /^\s*\{\s*"(?:parentUuid|isSidechain|type|uuid|sessionId|leafUuid|forkedFrom)"\s*:/
const CODEX_START =
  /^\s*\{\s*"timestamp"\s*:\s*"[^"]*"\s*,\s*(?:"ordinal"\s*:\s*\d+\s*,\s*)?"type"\s*:\s*"\w+"\s*,\s*"payload"/

/** Whether a file that begins like this is a transcript of Claude Code or a rollout of Codex. */
export function isTranscript(start: string): boolean {
  const lines = start.split('\n').filter((line) => line.trim() !== '')
  for (const [n, line] of lines.entries()) {
    const record = parseObject(line)
    if (record !== undefined) {
      if (typeof record.type !== 'string') return false
      if (textOf(record.sessionId) !== undefined || isCodexLine(record)) return true
    } else if (n === lines.length - 1) return CLAUDE_START.test(line) || CODEX_START.test(line)
  }
  return false
}
