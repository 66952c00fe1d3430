import type { Telemetry } from '../model/telemetry.ts'
import { claudeCodeLogs } from './claude-code-logs.ts'
import { claudeCodeMetrics } from './claude-code-metrics.ts'
import { claudeCodeTraces } from './claude-code-traces.ts'
import { claudeHooks } from './claude-hooks.ts'
import { claudeTranscript } from './claude-transcript.ts'
import { codex } from './codex.ts'
import { codexRollout } from './codex-rollout.ts'
import { copilot } from './copilot.ts'
import type { Dialect, Reading } from './dialect.ts'
import { evaluations } from './evaluations.ts'
import { geminiCli } from './gemini-cli.ts'
import { genAi } from './gen-ai.ts'
import { hookLogs } from './hook-logs.ts'
import { hookSpans } from './hook-spans.ts'
import { qwenCode } from './qwen-code.ts'

/** All dialects; the first that recognises an item reads it. A new dialect is a new file and a line here. */
export const DIALECTS: readonly Dialect[] = [
  hookSpans,
  // A history of transcripts is what is most to read at once.
  claudeTranscript,
  claudeCodeLogs,
  claudeCodeMetrics,
  claudeCodeTraces,
  claudeHooks,
  evaluations,
  // Before what Codex exports, which takes all else of that service for noise.
  codexRollout,
  codex,
  geminiCli,
  qwenCode,
  copilot,
  hookLogs,
  genAi,
]

/** @returns `undefined` when no dialect knows the item's source */
export function readTelemetry(item: Telemetry): Reading | undefined {
  for (const dialect of DIALECTS) {
    const reading = dialect.read(item)
    if (reading !== undefined) return reading
  }
  return undefined
}
