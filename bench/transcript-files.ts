import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Random, randomFrom } from '../scripts/samples/random.ts'
import { type Conversation, transcriptTurn } from './transcript-lines.ts'

const FIRST_DAY_MS = Date.UTC(2026, 9, 20)
const DAY_MS = 86_400_000
const DAYS = 30
const PROJECTS = 40
/** Of so many files one is a session's own, the others are its subagents'. */
const FILES_PER_SESSION = 3
const CHUNK_CHARACTERS = 1_000_000

/** How large transcripts are: this share of them is smaller than so many bytes. */
const SIZES: readonly (readonly [share: number, bytes: number])[] = [
  [0, 3e3],
  [0.5, 105e3],
  [0.9, 654e3],
  [0.99, 5.4e6],
  [1, 9e6],
]
/** Above 1: of the files between two of these sizes, most are nearer to the smaller one. */
const SKEW = 1.9

export interface WrittenTranscripts {
  readonly files: readonly string[]
  readonly bytes: number
  readonly lines: number
  readonly sessions: number
}

/** Writes a history of Claude Code transcripts as a heavy user has it, below `directory`/projects. */
export function writeTranscripts(directory: string, fileCount: number, seed: string): WrittenTranscripts {
  const random = randomFrom(seed)
  const files: string[] = []
  let bytes = 0
  let lines = 0
  let conversation = beginConversation(random)
  let sessions = 0
  for (let n = 0; n < fileCount; n++) {
    const isMain = n % FILES_PER_SESSION === 0
    if (isMain) {
      conversation = beginConversation(random)
      sessions++
    }
    const agentId = isMain ? undefined : `a${random.hex(16)}`
    const path = join(directory, 'projects', pathOf(conversation, agentId))
    if (agentId !== undefined) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path.replace(/\.jsonl$/, '.meta.json'), JSON.stringify({ agentType: 'Explore', finished: true }))
    }
    const written = writeTranscript(path, { ...conversation, agentId }, sizeAt((n * 0.618_033_988_75) % 1), random)
    bytes += written.bytes
    lines += written.lines
    files.push(path)
  }
  return { files, bytes, lines, sessions }
}

function beginConversation(random: Random): Conversation {
  const startMs = FIRST_DAY_MS + random.integer(0, DAYS * DAY_MS)
  return {
    project: `-home-dev-project-${random.integer(1, PROJECTS)}`,
    sessionId: random.uuid(),
    agentId: undefined,
    startMs,
  }
}

function pathOf({ project, sessionId }: Conversation, agentId: string | undefined): string {
  return agentId === undefined
    ? join(project, `${sessionId}.jsonl`)
    : join(project, sessionId, 'subagents', `agent-${agentId}.jsonl`)
}

function sizeAt(share: number): number {
  const above = SIZES.findIndex(([limit]) => share < limit)
  const [toShare, toBytes] = SIZES[above] ?? [1, 0]
  const [fromShare, fromBytes] = SIZES[above - 1] ?? [0, 0]
  return fromBytes * (toBytes / fromBytes) ** (((share - fromShare) / (toShare - fromShare)) ** SKEW)
}

function writeTranscript(
  path: string,
  conversation: Conversation,
  atLeastBytes: number,
  random: Random,
): { readonly bytes: number; readonly lines: number } {
  mkdirSync(dirname(path), { recursive: true })
  const descriptor = openSync(path, 'w')
  let text = ''
  let bytes = 0
  let lines = 0
  for (let turn = 0; bytes + text.length < atLeastBytes; turn++) {
    for (const line of transcriptTurn(conversation, turn, random)) {
      text += `${line}\n`
      lines++
    }
    if (text.length < CHUNK_CHARACTERS) continue
    bytes += writeSync(descriptor, text)
    text = ''
  }
  bytes += writeSync(descriptor, text)
  closeSync(descriptor)
  return { bytes, lines }
}
