import { describe, expect, test } from 'vitest'
import type { SourceKind } from '#src/dialect/trust-order.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { seededRandom } from '#src/stats/random.ts'
import { contentOf, runInjected } from '../injected.ts'
import { cut, interleaved, subsetsOf } from '../interleave.ts'
import { asHooks } from './as-hooks.ts'
import { asLogs, asMetrics, asTraces } from './as-otlp.ts'
import { asTranscript } from './as-transcript.ts'
import { endOf, knownActiveRatio, knownInvocations, knownTools, knownTotals } from './known.ts'
import { randomSessions, type SessionScript } from './script.ts'

const START_MS = Date.UTC(2026, 10, 18, 8)
const SEED = Number(process.env.AGENTPERF_TEST_SEED ?? 20261121)
const WORLDS = Number(process.env.AGENTPERF_TEST_WORLDS ?? 3)
const ORDERS = 8

const SOURCES: Readonly<Partial<Record<SourceKind, (script: SessionScript) => Telemetry[]>>> = {
  hooks: asHooks,
  logs: asLogs,
  traces: asTraces,
  transcripts: asTranscript,
  metrics: asMetrics,
}
const KINDS: readonly SourceKind[] = ['hooks', 'logs', 'traces', 'transcripts', 'metrics']

function itemsOf(scripts: readonly SessionScript[], sources: readonly SourceKind[]): Telemetry[] {
  return scripts.flatMap((script) => sources.flatMap((source) => SOURCES[source]?.(script) ?? []))
}

/** The last revision of each session. */
async function lastOf(parts: readonly (readonly Telemetry[])[]): Promise<ReadonlyMap<string, LedgerLine>> {
  const ledger = await runInjected(parts)
  return new Map(ledger.map((line) => [line.session_id, line]))
}

/** What hooks alone tell: how a session ended, and which times lie between its processes. */
function expectProcesses(line: LedgerLine | undefined, script: SessionScript, sources: readonly SourceKind[]): void {
  const ended = sources.includes('hooks') && endOf(script.processes.at(-1)) !== undefined
  expect(line?.trigger).toBe(ended ? 'end_signal' : 'end_of_input')
  if (!sources.includes('hooks') || !sources.includes('metrics')) return
  const ratio = knownActiveRatio(script)
  if (ratio !== undefined) expect(line?.kpis.active_time_ratio).toBeCloseTo(ratio, 9)
}

function expectKnown(line: LedgerLine | undefined, script: SessionScript, sources: readonly SourceKind[]): void {
  const what = `${script.id} from ${sources.join(', ')}`
  const { cost_usd: cost, ...totals } = line?.totals ?? {}
  const { cost_usd: knownCost, ...known } = knownTotals(script, sources)
  expect({ what, ...totals }).toEqual({ what, ...known })
  expect(Math.abs((cost ?? -1) - (knownCost ?? -1)), what).toBeLessThan(1e-9)
  const tools = Object.entries(line?.tools ?? {}).map(([tool, { calls }]) => [tool, calls])
  expect({ what, ...Object.fromEntries(tools) }).toEqual({ what, ...knownTools(script, sources) })
  const invocations = (line?.invocations ?? []).map((invocation) => ({
    invocation_id: invocation.invocation_id,
    parent_id: invocation.parent_id,
    agent_type: invocation.agent_type,
    status: invocation.status,
    output_tokens: invocation.totals.output_tokens,
    tool_calls: invocation.totals.tool_calls,
  }))
  const sorted = invocations.toSorted((a, b) => (a.invocation_id < b.invocation_id ? -1 : 1))
  expect({ what, invocations: sorted }).toEqual({ what, invocations: knownInvocations(script, sources) })
}

const worlds = Array.from({ length: WORLDS }, (_, n) => SEED + n)

describe(`sessions as Claude Code's sources tell them (seed ${SEED})`, () => {
  test.for(worlds)('every set of sources tells what they can know (%i)', { timeout: 60_000 }, async (seed) => {
    const scripts = randomSessions(seededRandom(seed), START_MS)
    for (const sources of subsetsOf(KINDS)) {
      const lines = await lastOf([itemsOf(scripts, sources)])
      // A process that was killed early took its metrics with it.
      const mayBeMissing = sources.every((source) => source === 'metrics')
      const seen = scripts.filter(({ id }) => !mayBeMissing || lines.has(id))
      expect([...lines.keys()].toSorted()).toEqual(seen.map(({ id }) => id).toSorted())
      for (const script of seen) {
        expectKnown(lines.get(script.id), script, sources)
        expectProcesses(lines.get(script.id), script, sources)
      }
    }
  })

  test.for(worlds)('order, duplicates and lateness change nothing (%i)', { timeout: 60_000 }, async (seed) => {
    const scripts = randomSessions(seededRandom(seed), START_MS)
    const random = seededRandom(seed)
    for (let round = 0; round < ORDERS; round++) {
      const sources = round === 0 ? KINDS : (subsetsOf(KINDS)[Math.floor(31 * random())] ?? KINDS)
      const items = itemsOf(scripts, sources)
      const expected = byId(await lastOf([items]))
      const mixed = interleaved(items, seed + round)
      expect(byId(await lastOf([mixed])), sources.join()).toEqual(expected)
      expect(byId(await lastOf(cut(mixed, seed + round))), sources.join()).toEqual(expected)
    }
  })
})

function byId(lines: ReadonlyMap<string, LedgerLine>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...lines].map(([id, line]) => [id, contentOf(line)]))
}
