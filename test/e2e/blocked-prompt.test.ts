import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LoopHome } from './loop-home.ts'
import type { ToolCall, Turn } from './model-api.ts'
import { seededSessions } from './seeded-sessions.ts'

const AGENT = 'reviewer'
const MISSING = join(import.meta.dirname, 'nothing-here.txt')
const READ = join(import.meta.dirname, 'unavailable.ts')

/** Twenty sessions in which hardly a call fails. */
const SEEDED = seededSessions(AGENT, 'error_rate', { n: 100, valueIn: (session) => (session % 3) / 100 })

const SCRIPTS = { failing: reads(MISSING, 30), usual: reads(READ, 3) }

test('after an alarming session the real client asks the model nothing until `agentperf ack`', async () => {
  const loop = await LoopHome.start({
    scripts: SCRIPTS,
    settings: '{"permissions": {"allow": ["Read"]}}',
    agent: { name: AGENT, text: `---\nname: ${AGENT}\ndescription: Reviews changes\n---\n\nYou review.\n` },
    seeded: SEEDED,
    sets: ['processors.alerting.block=confirm', 'processors.suggestion_rules.max_active=0'],
  })
  await loop.command('install', 'claude-code')
  const alarming = await loop.session('[script:failing] Review it.')
  expect(alarming).toMatchObject({ alert_level: 'CRITICAL', alerts: [{ metric: 'error_rate', reason: 'far_outside' }] })

  const askedOf = (marker: string): number => loop.api.asked.filter(({ body }) => body.includes(marker)).length
  for (const attempt of ['first', 'second']) {
    const blocked = await loop.prompt(`[script:usual] Review it, ${attempt} attempt.`)
    expect(askedOf(`${attempt} attempt`)).toBe(0)
    expect(JSON.stringify(blocked)).toContain(`agentperf ack ${AGENT}`)
  }
  expect(await loop.command('ack', AGENT)).toContain('CRITICAL of the last session of reviewer')
  const after = await loop.session('[script:usual] Review it, third attempt.')
  expect(askedOf('third attempt')).toBeGreaterThan(0)
  expect(after.alert_level).toBe('PASS')
  await loop.stop()
}, 300_000)

function reads(path: string, count: number): readonly Turn[] {
  const call = Array.from({ length: count }, (): ToolCall => ({ name: 'Read', input: { file_path: path } }))
  return [{ say: 'All of it.', call }, { say: 'Done.' }]
}
