import { expect, test } from 'vitest'
import type { DecisionMode } from '../model/suggestion.ts'
import { ledgerLine } from '../report/ledger-line.fixture.ts'
import { activatedEvents } from './next-events.ts'
import { life } from './suggestion-event.fixture.ts'

const REFERENCE = { baselines: { tool_overhead_ratio: 0.4 }, std_devs: { tool_overhead_ratio: 0.1 } }

test.for<{ decision: DecisionMode; compared: boolean; references: readonly unknown[] }>([
  { decision: 'trial', compared: false, references: [null] },
  { decision: 'seed', compared: false, references: [] },
  { decision: 'seed', compared: true, references: [{ mean: 0.4, std_dev: 0.1 }] },
])('decided by $decision, with a baseline: $compared', ({ decision, compared, references }) => {
  const proposed = life('proposed')
  const line = ledgerLine(compared ? REFERENCE : { baselines: {}, std_devs: {} })
  const events = activatedEvents(
    proposed === undefined ? [] : [proposed],
    line,
    { decision, maxActive: 3 },
    line.ended_at,
  )
  expect(events.map((event) => event.event === 'activated' && event.reference)).toEqual(references)
})
