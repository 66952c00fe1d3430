import { createHash } from 'node:crypto'

/** Sizes of a tool's output, as sessions have them: most are small, a few are large. Bytes. */
const OUTPUT_BYTES = [200, 500, 500, 1000, 1000, 2000, 4000, 8000, 30_000, 200_000]

/** A body as Claude Code posts it after a tool has run; the same number gives the same body. */
export function hookEvent(n: number): string {
  const outputBytes = OUTPUT_BYTES[n % OUTPUT_BYTES.length] ?? 0
  const session = `bench-${Math.floor(n / 500)}`
  return JSON.stringify({
    session_id: session,
    transcript_path: `/home/ada/.claude/projects/-home-ada-work/${session}.jsonl`,
    cwd: '/home/ada/work',
    prompt_id: `prompt-${Math.floor(n / 25)}`,
    permission_mode: 'default',
    effort: { level: 'medium' },
    hook_event_name: 'PostToolUse',
    tool_name: 'Bash',
    tool_input: { command: `sed -n ${n},${n + 40}p src/main.ts`, description: 'Read a part of a file' },
    tool_response: { stdout: textOf(n, outputBytes), stderr: '', interrupted: false, isImage: false },
    tool_use_id: `toolu_${n}`,
    duration_ms: 7 + (n % 90),
  })
}

function textOf(n: number, bytes: number): string {
  const line = `${createHash('sha256').update(String(n)).digest('hex')}  "quoted"\n`
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes)
}
