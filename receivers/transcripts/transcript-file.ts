import { startOfFile } from '#src/store/small-file.ts'
import { type ClaudeFile, readClaudeLine } from './claude-line.ts'
import { type CodexFile, isCodexLine, readCodexLine, threadOf } from './codex-line.ts'
import { parseObject, textOf } from './json.ts'
import type { TranscriptLine } from './transcript-line.ts'

const SUBAGENT_FILE = /agent-[^/\\]+\.jsonl$/
const MAX_META_BYTES = 65_536

/** One file of a session: what its lines, one after the other, tell of it. */
export class TranscriptFile {
  readonly #path: string
  readonly #claude: ClaudeFile
  readonly #codex: CodexFile
  #subagentType: string | undefined

  constructor(path: string) {
    this.#path = path
    this.#claude = { agentType: undefined, subagentType: () => this.#typeOfSubagent(), askedFor: new Map() }
    this.#codex = { threadId: threadOf(path), version: undefined, model: undefined }
  }

  read(text: string, nowMs: number): TranscriptLine {
    const line = parseObject(text)
    if (line === undefined) return { kind: 'fault', reason: 'invalid_json' }
    return isCodexLine(line) ? readCodexLine(line, this.#codex, nowMs) : readClaudeLine(line, this.#claude, nowMs)
  }

  /** Newer clients write it beside the subagent's transcript, a moment after its first line. */
  #typeOfSubagent(): string | undefined {
    if (this.#subagentType !== undefined || !SUBAGENT_FILE.test(this.#path)) return this.#subagentType
    const meta = startOfFile(this.#path.replace(/\.jsonl$/, '.meta.json'), MAX_META_BYTES)
    this.#subagentType = textOf(meta === undefined ? undefined : parseObject(meta)?.agentType)
    return this.#subagentType
  }
}
