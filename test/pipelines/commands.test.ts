import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assistant, codex, prompt, toolResult, toolUse } from '#receivers/transcripts/lines.fixture.ts'
import { memoryIo } from '#src/cli/memory-io.fixture.ts'
import { runProgram } from '#src/cli/program.ts'
import type { LedgerLine } from '#src/model/assessment.ts'

const NOW_MS = Date.UTC(2026, 10, 20, 12)
const root = resolve(import.meta.dirname, '../..')
const EDGAR_NADYNE = join(root, 'samples', 'edgar-nadyne')
let place: string
let demo: string

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in the folder of this test, with the demo's state as its home. */
async function agentperf(...argv: string[]): Promise<Outcome> {
  const io = memoryIo({ cwd: place, env: { HOME: place, AGENTPERF_HOME: demo }, nowMs: () => NOW_MS })
  const code = await runProgram({ argv, io, packageRoot: pathToFileURL(`${root}/`) })
  return { code, out: io.written.out, err: io.written.err }
}

/** Text of all files below a folder, by relative path; agentperf's own state is left out. */
async function contents(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const shown = files.filter((file) => !file.includes('.agentperf')).toSorted()
  return Object.fromEntries(
    await Promise.all(shown.map(async (file) => [file.slice(directory.length), await readFile(file, 'utf8')] as const)),
  )
}

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentperf-commands-'))
  demo = join(place, 'agentperf-demo')
})

afterAll(() => rm(place, { recursive: true }))

describe('on the demo’s sessions', () => {
  test('demo ends with a table and the places of what it wrote', async () => {
    const { code, out } = await agentperf('demo')
    expect(code).toBe(0)
    expect(out).toContain('61 sessions assessed')
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(line.startsWith('next') ? 400 : 80)
    for (const shown of ['reports', 'baselines', 'history']) {
      const path = new RegExp(`^${shown} +(\\S+)$`, 'm').exec(out)?.[1] ?? ''
      await expect(readdir(join(place, path)).catch(() => readFile(join(place, path)))).resolves.toBeTruthy()
    }
  })

  test('demo shows a regression and an improvement', async () => {
    const { out } = await agentperf('demo')
    expect(out).toMatch(/worse +webscraping-research-analyst: error rate/)
    expect(out).toMatch(/better +code-reviewer: tool overhead/)
    expect(out).toMatch(/CRITICAL +Tool Overhead 1\.73, usually/)
    expect(out).toMatch(/HIGH +try: Batch task operations/)
  })

  test('sessions lists the last ones, as a table or as ledger lines', async () => {
    const table = await agentperf('sessions', '--limit', '2')
    expect(table.out.trim().split('\n').length).toBe(3)
    const { out } = await agentperf('sessions', '--agent-type', 'code-reviewer', '--json')
    const lines = JSON.parse(out)
    expect(lines.every(({ agent_type }: { agent_type: string }) => agent_type === 'code-reviewer')).toBe(true)
  })

  test('report prints what the exporter wrote', async () => {
    const [file = ''] = await readdir(join(demo, 'reports'))
    const { out, code } = await agentperf('report', file.slice(0, 12))
    expect(code).toBe(0)
    expect(out).toContain(file.slice(0, 12))
  })

  test('baselines show tells what is normal, and rebuild writes the same bytes', async () => {
    const shown = await agentperf('baselines', 'show', 'code-reviewer', '--json')
    const written = await readFile(join(demo, 'baselines', 'code-reviewer.json'), 'utf8')
    expect(JSON.parse(shown.out)).toEqual([{ ...JSON.parse(written), stale: true }])
    const before = await contents(join(demo, 'baselines'))
    await rm(join(demo, 'baselines'), { recursive: true })
    expect((await agentperf('baselines', 'rebuild')).code).toBe(0)
    expect(await contents(join(demo, 'baselines'))).toEqual(before)
  })

  test('rebuild makes every file that follows from the ledger again, byte for byte', async () => {
    const before = await contents(demo)
    for (const folder of ['baselines', 'reports', 'optimizations']) await rm(join(demo, folder), { recursive: true })
    await writeFile(join(demo, 'sessions', '2026-02-12.jsonl'), 'spoilt\n')
    expect((await agentperf('rebuild')).code).toBe(0)
    expect(await contents(demo)).toEqual(before)
  })

  test('doctor explains what the samples have on purpose: a cut line', async () => {
    const { out, code } = await agentperf('doctor', '--json')
    const checks: { check: string; ok: boolean; found: string; hint?: string }[] = JSON.parse(out)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(code).toBe(0)
    expect(checks.find(({ check }) => check === 'receiver/jsonl_file')).toMatchObject({
      found: expect.stringContaining('1 dropped:partial_line'),
      hint: expect.stringContaining('nothing to repair'),
    })
    expect(checks.find(({ check }) => check === 'ledger')).toMatchObject({ ok: true })
    expect(checks.find(({ check }) => check === 'alerts')).toMatchObject({
      ok: true,
      found: expect.stringMatching(/CRITICAL and \d+ WARNING/),
    })
    expect(checks.find(({ check }) => check === 'suggestions')?.found).toContain('Batch task operations')
  })

  test('baselines reset learns an agent type anew and keeps its sessions', async () => {
    const reset = await agentperf('baselines', 'reset', 'code-simplifier')
    expect([reset.code, reset.out]).toEqual([0, expect.stringContaining('learned anew')])
    const [document] = JSON.parse((await agentperf('baselines', 'show', 'code-simplifier', '--json')).out)
    expect(document.session_count).toBe(0)
    expect(
      JSON.parse((await agentperf('sessions', '--agent-type', 'code-simplifier', '--json')).out).length,
    ).toBeGreaterThan(5)
    expect((await agentperf('baselines', 'reset', 'nobody')).code).toBe(1)
  })
})

describe('analyze', () => {
  test('prints ledger lines and nothing else, and leaves no trace', async () => {
    const before = await contents(demo)
    const { code, out, err } = await agentperf('analyze', EDGAR_NADYNE, '--json', '--agent-type', 'translator')
    expect([code, err]).toEqual([0, ''])
    const [line, ...more] = JSON.parse(out)
    expect(more).toEqual([])
    expect(line).toMatchObject({ agent_type: 'translator', trigger: 'idle', revision: 2, schema: 1 })
    expect(line.kpis.tool_overhead_ratio).toBeCloseTo(1.7333, 4)
    expect(await contents(demo)).toEqual(before)
  })

  test('takes assignments: the literal definitions', async () => {
    const { out } = await agentperf(
      'analyze',
      EDGAR_NADYNE,
      '--json',
      '--set',
      'processors.kpi_aggregation.definitions=seed',
    )
    expect(JSON.parse(out)[0].kpis.tool_overhead_ratio).toBeCloseTo(2.36, 2)
  })

  test('with --save the ledger gets the session; again, the next revision', async () => {
    const own = join(place, 'own')
    const set = ['--set', `service.storage.directory=${own}`]
    for (const revision of [1, 2]) {
      const { code, out } = await agentperf('analyze', EDGAR_NADYNE, '--save', '--json', ...set)
      expect([code, JSON.parse(out)[0].revision]).toEqual([0, revision])
    }
    const ledger = await readFile(join(own, 'history', 'kpis.jsonl'), 'utf8')
    expect(ledger.trim().split('\n').length).toBe(2)
  })

  test('reads files with characters of a pattern in their names', async () => {
    const odd = join(place, 'a [b] {c}*.jsonl')
    await cp(join(EDGAR_NADYNE, 'traces-2026-02-12.jsonl'), odd)
    expect(JSON.parse((await agentperf('analyze', odd, '--json')).out).length).toBe(1)
  })

  test('reads transcripts and rollouts too, told by what stands in them; a session of several sources is one line', async () => {
    const folder = join(place, 'mixed')
    await mkdir(join(folder, 's1', 'subagents'), { recursive: true })
    const thread = '01a1f87b-c149-7503-949f-8fccf96fa1a0'
    const inSubagent = { isSidechain: true, agentId: 'a1' }
    const use = { name: 'shell', call_id: 'c1', type: 'function_call', arguments: '{}' }
    const usage = { input_tokens: 10, output_tokens: 4, total_tokens: 14 }
    const span = {
      ...{ name: 'hook:session-start', startTime: [1_795_168_800, 0], endTime: [1_795_168_801, 0] },
      ...{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', status: { code: 1 } },
    }
    const files: Readonly<Record<string, readonly string[]>> = {
      'any-name.jsonl': [prompt(0), assistant(1, { content: [toolUse('t1', 'Bash')] }), toolResult(2, 't1')],
      's1/subagents/agent-a1.jsonl': [assistant(3, { id: 'msg_2', stopReason: 'end_turn' }, inSubagent)],
      [`rollout-2026-11-20T10-00-00-${thread}.jsonl`]: [
        codex(0, 'session_meta', { id: thread, cli_version: '0.169.0' }),
        codex(1, 'response_item', use),
        codex(2, 'event_msg', { type: 'token_count', info: { total_token_usage: usage } }),
      ],
      'traces-2026-11-20.jsonl': [JSON.stringify({ ...span, attributes: { 'session.id': 's1' } })],
    }
    for (const [name, lines] of Object.entries(files)) await writeFile(join(folder, name), `${lines.join('\n')}\n`)
    const { code, out, err } = await agentperf('analyze', folder, '--json')
    expect([code, err]).toEqual([0, ''])
    const lines: LedgerLine[] = JSON.parse(out)
    const found = lines.map(({ session_id, sources }) => [session_id, sources]).toSorted()
    expect(found).toEqual([
      [thread, ['codex_rollout']],
      ['s1', ['claude_transcript', 'hook_spans']],
    ])
    const s1 = lines.find(({ session_id }) => session_id === 's1')
    expect(s1).toMatchObject({ totals: { model_calls: 2, tool_calls: 1 }, invocations: [{ invocation_id: 'a1' }] })
  })

  test('finds nothing in an empty folder', async () => {
    const empty = join(place, 'empty')
    await mkdir(empty)
    expect(await agentperf('analyze', empty)).toMatchObject({ code: 0, out: 'No session was found in these files.\n' })
  })

  test('says what is wrong with its arguments', async () => {
    const missing = await agentperf('analyze', 'no-such-file.jsonl')
    expect([missing.code, missing.err]).toEqual([3, expect.stringContaining('no-such-file.jsonl')])
    const now = await agentperf('analyze', EDGAR_NADYNE, '--now', 'yesterday')
    expect([now.code, now.err]).toEqual([2, expect.stringContaining('ISO 8601')])
  })

  test('tells what it left out', async () => {
    const bad = join(place, 'bad.jsonl')
    await writeFile(bad, '{"not json\n')
    const { out, err } = await agentperf('analyze', bad, '--json')
    expect([JSON.parse(out), err]).toEqual([[], expect.stringContaining('1 invalid_json')])
  })

  test('tells of a compressed file that is damaged', async () => {
    const damaged = join(place, 'damaged.jsonl.gz')
    await writeFile(damaged, Buffer.from('1f8b62726f6b656e', 'hex'))
    expect(await agentperf('analyze', damaged)).toMatchObject({
      code: 1,
      err: expect.stringContaining('left out: 1 file_corrupt_gzip (receiver/jsonl_file/analyze)'),
    })
  })
})

describe('an exporter that fails for good', () => {
  const FAILED = /^agentperf: exporter markdown: exporting failed \d times, at last with .*(ENOTDIR|EEXIST)/m

  test.for([['demo'], ['rebuild'], ['run', '--once']])('%s gives it up, says which and why, and ends', async (argv) => {
    const [command] = argv
    const blocked = join(place, `blocked-${command}`)
    await mkdir(blocked, { recursive: true })
    // No folder, and never will be one.
    await writeFile(join(blocked, 'reports'), '')
    const sets = [`exporters.markdown.directory=${blocked}`]
    const own = join(place, `state-${command}`)
    if (command !== 'demo') sets.push(`service.storage.directory=${own}`)
    if (command === 'rebuild') await cp(demo, own, { recursive: true })
    if (command === 'run') sets.push(`receivers.jsonl_file.include=${JSON.stringify([join(EDGAR_NADYNE, '*.jsonl')])}`)
    const { code, err } = await agentperf(...argv, ...sets.flatMap((set) => ['--set', set]))
    expect(err).toMatch(FAILED)
    expect(code).toBe(3)
  })
})
