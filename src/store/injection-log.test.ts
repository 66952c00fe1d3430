import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { INJECTION_SCHEMA, type InjectionLine } from '#src/model/injection.ts'
import { InjectionLog } from './injection-log.ts'
import { layoutOf } from './layout.ts'
import { lastInjections } from './read-injections.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-injections-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

const path = (): string => layoutOf(directory).injections

function injection(session_id: string, changes: Partial<InjectionLine> = {}): InjectionLine {
  return {
    schema: INJECTION_SCHEMA,
    at: '2026-11-20T12:00:00.000Z',
    session_id,
    agent_type: 'coder',
    hook: 'SessionStart',
    suggestion_ids: ['opt-a'],
    tokens: 60,
    warning_tokens: 10,
    suggestion_tokens: 20,
    baseline_tokens: 30,
    characters: 240,
    ...changes,
  }
}

function write(...lines: readonly InjectionLine[]): void {
  const log = new InjectionLog({ path: path(), readOnly: false })
  for (const line of lines) log.append(line)
  log.close()
}

test('what was told is read back, the last first', () => {
  const lines = [injection('s1'), injection('s2', { hook: 'SubagentStart', agent_id: 'a1' })]
  write(...lines)
  expect([...lastInjections(directory)]).toEqual(lines.toReversed())
})

test('a line that a crash cut off, and what is none, are left out', () => {
  write(injection('s1'))
  appendFileSync(path(), '{"schema":1,"at')
  write(injection('s2'))
  appendFileSync(path(), 'no injection\n{"schema":2}\n')
  expect([...lastInjections(directory)].map(({ session_id }) => session_id)).toEqual(['s2', 's1'])
  expect(readFileSync(path(), 'utf8')).not.toContain('"at{')
})

test('nothing is made before something was told, and nothing by who only reads', () => {
  write()
  const log = new InjectionLog({ path: path(), readOnly: true })
  log.append(injection('s1'))
  log.close()
  expect(existsSync(path())).toBe(false)
  expect([...lastInjections(directory)]).toEqual([])
})
