import { expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { TOUR, TOUR_TOOLS } from './scripts.ts'
import { PROTOCOLS, type Sources } from './sources.ts'
import { Stage, usageOf } from './stage.ts'

interface Row {
  readonly from: string
  readonly sources: Sources
  /** Names of the dialects that read it. */
  readonly dialects: readonly string[]
}

const OTLP_DIALECTS = ['claude_code_logs', 'claude_code_metrics', 'claude_code_traces']

const ROWS: readonly Row[] = [
  ...PROTOCOLS.map((otlp) => ({ from: `OTLP over ${otlp.protocol}`, sources: { otlp }, dialects: OTLP_DIALECTS })),
  { from: 'hooks', sources: { hooks: true }, dialects: ['claude_hooks'] },
  { from: 'transcripts', sources: { transcripts: true }, dialects: ['claude_transcript'] },
  ...PROTOCOLS.map((otlp) => ({
    from: `all sources together, OTLP over ${otlp.protocol}`,
    sources: { otlp, hooks: true, transcripts: true },
    dialects: [...OTLP_DIALECTS, 'claude_hooks', 'claude_transcript'],
  })),
]

test.for(ROWS)('a session from $from', async ({ sources, dialects }) => {
  const stage = await Stage.start({ scripts: TOUR, sources, sets: ['processors.session_grouping.idle_timeout=5s'] })
  const result = await stage.claude('[script:tour] Take the tour.').result()
  expect(result.is_error).toBe(false)
  const { answered } = stage.api
  const tokensKnown = sources.otlp !== undefined || sources.transcripts === true

  const line = await stage.settled(result.session_id, (line: LedgerLine) => {
    // The call of a tool that does not exist is only in the transcript.
    const unknown = sources.transcripts === true ? 1 : 0
    expect(line.totals).toMatchObject({ tool_calls: 5 + unknown, tool_failures: 1 + unknown, prompts: 1 })
    expect(line.tools).toEqual(unknown === 0 ? TOUR_TOOLS : { ...TOUR_TOOLS, NoSuchTool: { calls: 1, failures: 1 } })
    if (tokensKnown) expect(line.totals).toMatchObject(usageOf(answered))
    expect(line.invocations).toMatchObject([{ agent_type: 'general-purpose', status: 'success' }])
    expect(line.invocations[0]?.tools).toEqual({ Bash: { calls: 1, failures: 0 } })
    const own = answered.filter(({ script }) => script === 'listing')
    if (tokensKnown) expect(line.invocations[0]?.totals).toMatchObject(usageOf(own))
    expect(line.trigger).toBe(sources.hooks === true ? 'end_signal' : 'idle')
    expect(line.sources).toEqual(dialects)
  })
  if (!tokensKnown) expect(line.totals).not.toHaveProperty('output_tokens')
  if (sources.otlp !== undefined) expect(line.totals.cost_usd).toBeCloseTo(result.total_cost_usd, 9)
})
