import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ComponentAccount } from '#src/service/accounting.ts'
import { lostItemsOf } from '../crash/outputs.ts'

const FINE = /^(used|duplicate|ignored(:(?!unknown).*)?)$/

/** What a stopped agentperf could not make use of, did not know or did not account for, by component. */
export function problemsOf(directory: string): Readonly<Record<string, unknown>> {
  const { counters } = JSON.parse(readFileSync(join(directory, '.agentperf', 'checkpoint.json'), 'utf8'))
  const problems = Object.entries<ComponentAccount>(counters).map(([id, { settled, unknownNames, noticed }]) => {
    const wrong = Object.entries(settled).filter(([outcome]) => !FINE.test(outcome))
    return [id, { ...Object.fromEntries(wrong), ...unknownNames, ...noticed }] as const
  })
  const found = problems.filter(([, counts]) => Object.keys(counts).length > 0)
  return { ...Object.fromEntries(found), ...lostItemsOf(directory) }
}
