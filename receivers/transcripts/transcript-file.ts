import { startOfFile } from '#src/store/small-file.ts'
import { type ClaudeFile, readClaudeLine } from './claude-line.ts'
import { type CodexFile, isCodexLine, readCodexLine, threadOf } from './codex-line.ts'
import { ContentIds } from './content-ids.ts'
import { parseObject, textOf } from './json.ts'
import { LineScanner } from './scan-line.ts'
import type { TranscriptLine } from './transcript-line.ts'

const SUBAGENT_FILE = /agent-[^/\\]+\.jsonl$/
const MAX_META_BYTES = 65_536
/** Newer clients write it a moment after the first line, older ones never. */
const MAX_META_LOOKS = 3

/** One file of a session: what its lines, one after the other, tell of it. */
export class TranscriptFile {
  readonly #path: string
  readonly #claude: ClaudeFile
  readonly #codex: CodexFile
  readonly #scanner: LineScanner
  #subagentType: string | undefined
  #metaLooks = 0

  constructor(path: string) {
    this.#path = path
    this.#claude = { agentType: undefined, subagentType: () => this.#typeOfSubagent(), askedFor: new Map() }
    this.#scanner = new LineScanner(this.#claude)
    this.#codex = {
      threadId: threadOf(path),
      version: undefined,
      model: undefined,
      turnId: undefined,
      origin: undefined,
      contentIds: new ContentIds(),
    }
  }

  /** Reads a line without parsing all of it. @returns `undefined` when it has to be parsed */
  scan(bytes: Buffer, start: number, end: number, nowMs: number): TranscriptLine | undefined {
    return this.#scanner.scan(bytes, start, end, nowMs)
  }

  read(text: string, nowMs: number): TranscriptLine {
    const line = parseObject(text)
    if (line === undefined) return { kind: 'fault', reason: 'invalid_json' }
    return isCodexLine(line) ? readCodexLine(line, this.#codex, nowMs) : readClaudeLine(line, this.#claude, nowMs)
  }

  /** What the file beside a subagent's transcript says. */
  #typeOfSubagent(): string | undefined {
    if (this.#subagentType !== undefined || this.#metaLooks >= MAX_META_LOOKS) return this.#subagentType
    this.#metaLooks++
    if (!SUBAGENT_FILE.test(this.#path)) return undefined
    const meta = startOfFile(this.#path.replace(/\.jsonl$/, '.meta.json'), MAX_META_BYTES)
    this.#subagentType = textOf(meta === undefined ? undefined : parseObject(meta)?.agentType)
    return this.#subagentType
  }
}
