import { expect, test } from 'vitest'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { KeyedValues } from '../store/keyed-values.ts'
import { AnalysisLatency, LATENCY_NOTE, latenciesOf } from './analysis-latency.ts'

const START_MS = Date.UTC(2026, 1, 10, 9)
const at = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString()

test('sessions that said that they ended are measured, over restarts, the last 200', () => {
  const notes = new KeyedValues()
  const kept = (): readonly number[] => latenciesOf(notes.get(LATENCY_NOTE.component, LATENCY_NOTE.key))
  const first = new AnalysisLatency(notes, START_MS)
  first.save(notes)
  expect(kept()).toEqual([])
  first.committed(
    [
      ledgerLine({ ended_at: at(10) }),
      ledgerLine({ ended_at: at(-1) }),
      ledgerLine({ ended_at: at(10), trigger: 'idle' }),
      ledgerLine({ ended_at: at(13) }),
    ],
    START_MS + 12_000,
  )
  first.save(notes)
  expect(kept()).toEqual([2000, 0])
  const again = new AnalysisLatency(notes, START_MS)
  again.committed(Array(199).fill(ledgerLine({ ended_at: at(11) })), START_MS + 12_000)
  again.save(notes)
  expect(kept()).toEqual([0, ...Array(199).fill(1000)])
})
