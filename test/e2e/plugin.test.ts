import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { WANTED_EVENTS } from '#src/cli/claude-settings.ts'
import { Stage } from './stage.ts'

const PLUGIN = resolve(import.meta.dirname, '../../claude-plugin')
/** The plugin names no other: its URLs take no variables. */
const DEFAULT_PORT = 'receivers.claude_hooks.endpoint=127.0.0.1:4319'

test('the client finds nothing wrong with the plugin', async () => {
  const stage = await Stage.start({ scripts: {}, sources: {} })
  const claude = process.env.AGENTPERF_E2E_CLAUDE ?? ''
  const env = { HOME: stage.home, PATH: process.env.PATH, DISABLE_AUTOUPDATER: '1' }
  const { stdout } = await promisify(execFile)(claude, ['plugin', 'validate', '--strict', '--json', PLUGIN], { env })
  const { success, manifest, provides } = JSON.parse(stdout)
  expect({ success, errors: manifest.errors, warnings: manifest.warnings }).toEqual({
    success: true,
    errors: [],
    warnings: [],
  })
  expect(provides.hooks).toHaveLength(WANTED_EVENTS.length)
})

test('with the plugin alone agentperf hears of a session from its start to its end', async () => {
  const command = { name: 'Bash', input: { command: 'echo hello', description: 'Greet' } }
  const scripts = { short: [{ say: 'A command.', call: [command] }, { say: 'Done.' }] }
  const stage = await Stage.start({ scripts, sources: {}, sets: [DEFAULT_PORT] })
  const { session_id } = await stage.claude('[script:short] Be short.', ['--plugin-dir', PLUGIN]).result()
  const line = await stage.settled(session_id, ({ trigger, tools }) => {
    expect(trigger).toBe('end_signal')
    expect(tools).toEqual({ Bash: { calls: 1, failures: 0 } })
  })
  expect(line.sources).toEqual(['claude_hooks'])
})
