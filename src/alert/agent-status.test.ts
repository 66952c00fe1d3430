import { expect, test } from 'vitest'
import { alert, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { agentStatus } from './agent-status.ts'

const INFO = { severity: 'INFO', action: 'LOG' } as const

test.for([
  { name: 'no alert', line: ledgerLine(), status: 'PASS', because: 0 },
  { name: 'a note', line: ledgerLine({ alerts: [alert({ ...INFO, reason: 'unusual' })] }), status: 'PASS', because: 0 },
  {
    name: 'a worsening that goes on',
    line: ledgerLine({ alerts: [alert({ ...INFO, reason: 'still_drifting' }), alert({ ...INFO, metric: 'x' })] }),
    status: 'WARNING',
    because: 1,
  },
  {
    name: 'a worsening that goes on beside another note',
    line: ledgerLine({ alerts: [alert({ ...INFO, also: [{ ...alert(), ...INFO, reason: 'still_drifting' }] })] }),
    status: 'WARNING',
    because: 0,
  },
  {
    name: 'a critical alert',
    line: ledgerLine({ alert_level: 'CRITICAL', alerts: [alert({ severity: 'CRITICAL' })] }),
    status: 'CRITICAL',
    because: 1,
  },
])('$name is $status', ({ line, status, because }) => {
  const found = agentStatus(line)
  expect(found.status).toBe(status)
  expect(found.because).toHaveLength(because)
})
