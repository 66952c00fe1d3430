import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPipeline, workspace } from './harness.ts'
import { evaluation, tool } from './hook-lines.ts'

const HOUR = 3600
const SESSIONS = 9
const CORRECTED = 's3'

const traces = Array.from({ length: SESSIONS }, (_, n) =>
  Array.from({ length: 10 }, (_each, call) =>
    tool(n * HOUR + call, 'Bash', { session: `s${n}`, 'builtin.success': call >= n % 3 }),
  ),
).flat()

const scores = Array.from({ length: SESSIONS }, (_, n) =>
  evaluation(n * HOUR + 5, 'relevance', 0.8 + n / 100, { 'session.id': `s${n}` }),
)

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`
const baselineOf = (directory: string): string => readFileSync(join(directory, 'baselines', 'default.json'), 'utf8')

test('a session that is corrected later gives the same baseline as if it had been right from the start', async () => {
  const right = await runPipeline({ files: { 'traces.jsonl': text(traces), 'evaluations.jsonl': text(scores) } })

  const place = await workspace()
  const without = scores.filter((line) => !line.includes(`"${CORRECTED}"`))
  await runPipeline({ files: { 'traces.jsonl': text(traces), 'evaluations.jsonl': text(without) } }, place)
  const late = scores.filter((line) => line.includes(`"${CORRECTED}"`))
  const corrected = await runPipeline({ files: { 'evaluations-late.jsonl': text(late) } }, place)

  expect(corrected.ledger.at(-1)).toMatchObject({ session_id: CORRECTED, revision: 2 })
  expect(baselineOf(corrected.directory)).toBe(baselineOf(right.directory))
})

test('the corrected session is compared with what stood before it, not with what came after', async () => {
  const place = await workspace()
  const without = scores.filter((line) => !line.includes('"s8"'))
  const first = await runPipeline(
    { files: { 'traces.jsonl': text(traces), 'evaluations.jsonl': text(without) } },
    place,
  )
  const later = tool(20 * HOUR, 'Bash', { session: 's20', 'builtin.success': false })
  const late = scores.filter((line) => line.includes('"s8"'))
  const { ledger } = await runPipeline({ files: { 'z-late.jsonl': text([later, ...late]) } }, place)
  const before = first.ledger.find(({ session_id }) => session_id === 's8')
  const revised = ledger.find(({ session_id, revision }) => session_id === 's8' && revision === 2)
  expect(revised?.baselines.error_rate).toBe(before?.baselines.error_rate)
})

test('an exporter’s file has the last revision, and nothing twice', async () => {
  const place = await workspace()
  await runPipeline({ files: { 'traces.jsonl': text(traces) } }, place)
  const { directory, ledger } = await runPipeline({ files: { 'evaluations.jsonl': text(scores) } }, place)
  const day = ledger[0]?.date.slice(0, 10) ?? ''
  const lines = readFileSync(join(directory, 'sessions', `${day}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  const keys = lines.map((line) => JSON.parse(line)).map(({ session_id, revision }) => `${session_id} ${revision}`)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys).toContain(`s0 2`)
})
