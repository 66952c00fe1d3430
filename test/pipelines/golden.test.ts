import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Run, runPipeline } from './harness.ts'

const SAMPLES = resolve(import.meta.dirname, '../../samples')

function filesOf(folder: string): Record<string, string> {
  const directory = join(SAMPLES, folder)
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]))
}

const ledgerText = ({ ledger }: Run): string => `${JSON.stringify(ledger, null, 2)}\n`

describe.each([
  { name: 'edgar-nadyne', sets: [] },
  { name: 'edgar-nadyne-seed', sets: ['processors.kpi_aggregation.definitions=seed'] },
])('$name', ({ name, sets }) => {
  test('gives this ledger, also when everything between components is frozen', async () => {
    const run = await runPipeline({ files: filesOf('edgar-nadyne'), sets })
    await expect(ledgerText(run)).toMatchFileSnapshot(`${name}.ledger.golden.json`)
    const frozen = await runPipeline({ files: filesOf('edgar-nadyne'), sets, frozen: true })
    expect(frozen.ledger).toEqual(run.ledger)
  })

  test('gives this report', async () => {
    const { directory } = await runPipeline({ files: filesOf('edgar-nadyne'), sets })
    const [report = ''] = readdirSync(join(directory, 'reports'))
    await expect(readFileSync(join(directory, 'reports', report), 'utf8')).toMatchFileSnapshot(`${name}.golden.md`)
  })
})

test('four weeks of samples give one line for each session, in the order of their ends', async () => {
  const { ledger, accounts } = await runPipeline({ files: filesOf('history') })
  expect(ledger.length).toBe(60)
  expect(new Set(ledger.map(({ session_id }) => session_id)).size).toBe(60)
  const ends = ledger.map(({ ended_at }) => ended_at)
  expect(ends).toEqual(ends.toSorted())
  const grouping = accounts.get('processor/sessions/session_grouping')
  expect(grouping?.settled.duplicate).toBeGreaterThan(0)
  expect(grouping?.unknownNames).toEqual({})
})
