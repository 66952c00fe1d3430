import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../crash/agentperf-process.ts'
import { Stage, usageOf } from './stage.ts'

const DAY_MS = 86_400_000

test('what the client throws away after 30 days is not agentperf’s', async () => {
  const scripts = { short: [{ say: 'Short.' }], waiting: [{ hang: true as const }] }
  const stage = await Stage.start({ scripts, sources: { hooks: true, transcripts: true } })
  const { session_id } = await stage.claude('[script:short] Be short.').result()
  await stage.settled(session_id, (line) => expect(line.totals).toMatchObject(usageOf(stage.api.answered)))
  const kept = filesIn(stage.directory)
  expect([...kept.keys()]).toContain(join('history', 'kpis.jsonl'))
  expect([...kept.keys()]).toContain(join('reports', `${session_id}.md`))

  // Of the client's own: they show that it threw away what it does.
  const projects = join(stage.home, '.claude', 'projects')
  const oldTranscript = join(projects, 'old', `${crypto.randomUUID()}.jsonl`)
  const oldTelemetry = join(stage.directory, 'failed-events.json')
  mkdirSync(join(projects, 'old'))
  for (const path of [oldTranscript, oldTelemetry]) writeFileSync(path, '{}\n')
  age(join(stage.home, '.claude'), 60)

  // A client sweeps at most once a day, and only while it is at work for some seconds.
  const claude = stage.claude('[script:waiting] Wait.')
  await until(() => existsSync(join(stage.home, '.claude', '.last-cleanup')), 'the client has swept')
  await claude.kill()
  expect(existsSync(oldTranscript)).toBe(false)
  expect(existsSync(oldTelemetry)).toBe(false)
  expect(filesIn(stage.directory)).toEqual(kept)
})

/** Texts of the files below a folder, by their path in it. */
function filesIn(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).toSorted()
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, 'base64')]))
}

/** Makes everything below a folder that old. */
function age(folder: string, days: number): void {
  const then = new Date(Date.now() - days * DAY_MS)
  for (const name of readdirSync(folder, { recursive: true })) utimesSync(join(folder, String(name)), then, then)
}
