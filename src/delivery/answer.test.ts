import { describe, expect, test } from 'vitest'
import { outcomeOf, readRetryAfter } from './answer.ts'
import { backoffMs } from './backoff.ts'

const NOW_MS = Date.UTC(2026, 1, 13)

test.for([
  { header: undefined, ms: undefined },
  { header: '7', ms: 7000 },
  { header: ' 0 ', ms: 0 },
  { header: 'Fri, 13 Feb 2026 00:00:30 GMT', ms: 30_000 },
  { header: 'Thu, 12 Feb 2026 23:00:00 GMT', ms: 0 },
  { header: 'soon', ms: undefined },
])('Retry-After: $header', ({ header, ms }) => {
  expect(readRetryAfter(header, NOW_MS)).toBe(ms)
})

describe('waiting before the next attempt', () => {
  test.for([
    { attempt: 1, retryAfterMs: undefined, least: 250, most: 500 },
    { attempt: 2, retryAfterMs: undefined, least: 500, most: 1000 },
    { attempt: 5, retryAfterMs: undefined, least: 4000, most: 8000 },
    { attempt: 7, retryAfterMs: undefined, least: 15_000, most: 30_000 },
    { attempt: 5000, retryAfterMs: undefined, least: 15_000, most: 30_000 },
    { attempt: 1, retryAfterMs: 20_000, least: 20_000, most: 20_000 },
    { attempt: 1, retryAfterMs: 86_400_000, least: 900_000, most: 900_000 },
  ])('attempt $attempt, asked for $retryAfterMs', ({ attempt, retryAfterMs, least, most }) => {
    expect(backoffMs(attempt, retryAfterMs, 1)).toBe(least)
    expect(backoffMs(attempt, retryAfterMs, 0)).toBe(most)
  })
})

test('what the other side says is cut, and a web page or protobuf is not quoted', () => {
  const answer = { status: 400, retryAfter: undefined }
  const messageOf = (contentType: string, body: string) => {
    const outcome = outcomeOf({ ...answer, contentType, body: Buffer.from(body) }, NOW_MS)
    return outcome.kind === 'refused' ? outcome.message : undefined
  }
  expect(messageOf('text/plain', 'x'.repeat(1000))).toHaveLength(300)
  expect(messageOf('text/html', '<html>')).toBe('')
  expect(messageOf('application/json', '{"message":"a\\nb"}')).toBe('a b')
  expect(messageOf('application/json', '{"message"')).toBe('{"message"')
})
