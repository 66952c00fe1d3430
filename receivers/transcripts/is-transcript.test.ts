import { expect, test } from 'vitest'
import { isTranscript } from './is-transcript.ts'
import { assistant, bare, codex, prompt } from './lines.fixture.ts'

const long = 'x'.repeat(10_000)

test.for([
  { name: 'a transcript', start: `${prompt(0)}\n${assistant(1)}\n`, is: true },
  {
    name: 'a transcript that begins with a line of no session',
    start: `{"type":"summary","leafUuid":"u"}\n${prompt(0)}\n`,
    is: true,
  },
  { name: 'a line of a kind without time', start: `${bare('last-prompt')}\n`, is: true },
  { name: 'a rollout', start: `${codex(0, 'session_meta', { id: 'x' })}\n`, is: true },
  { name: 'a transcript whose first line is cut', start: prompt(0, long).slice(0, 5000), is: true },
  {
    name: 'a rollout whose first line is cut',
    start: codex(0, 'session_meta', { base: long }).slice(0, 5000),
    is: true,
  },
  { name: 'a torn line before a whole one', start: `{"type":"us\n${prompt(0)}\n`, is: true },
  { name: 'OTLP', start: '{"resourceLogs":[]}\n', is: false },
  { name: 'OTLP that is cut', start: `{"resourceSpans":[{"x":"${long}`, is: false },
  { name: 'a hook span', start: '{"name":"hook:session-start","attributes":{"type":"x"},"traceId":"t"}\n', is: false },
  { name: 'a hook event', start: '{"hook_event_name":"Stop","session_id":"s1"}\n', is: false },
  { name: 'nothing', start: '', is: false },
  { name: 'no JSON', start: 'hello\nworld\n', is: false },
])('$name', ({ start, is }) => {
  expect(isTranscript(start)).toBe(is)
})
