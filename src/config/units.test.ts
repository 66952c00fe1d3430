import { expect, test } from 'vitest'
import * as z from 'zod'
import { durationMs, sizeBytes } from './units.ts'

test.for<[text: string, ms: number]>([
  ['0s', 0],
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5s', 1500],
  ['30m', 1_800_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('%s is %i milliseconds', ([text, ms]) => {
  expect(durationMs().parse(text)).toBe(ms)
})

test.for<[text: string, bytes: number]>([
  ['512B', 512],
  ['64KiB', 65_536],
  ['16MiB', 16_777_216],
  ['1GiB', 1_073_741_824],
  ['64kB', 64_000],
  ['1.5MB', 1_500_000],
  ['2GB', 2_000_000_000],
])('%s is %i bytes', ([text, bytes]) => {
  expect(sizeBytes().parse(text)).toBe(bytes)
})

test.for<[input: unknown, found: string]>([
  ['30', '"30"'],
  ['30 m', '"30 m"'],
  ['-1s', '"-1s"'],
  ['1w', '"1w"'],
  ['', '""'],
  [30, '30 without a unit'],
  [null, 'nothing'],
  [undefined, 'nothing'],
  [['30m'], 'a list'],
  [{ m: 30 }, 'a map'],
  ['9999999999999999d', 'one that is too large'],
])('%j is no duration', ([input, found]) => {
  expect(messagesOf(durationMs().safeParse(input))).toEqual([`expected a duration such as 30m, got ${found}`])
})

test.for<[input: unknown, found: string]>([
  ['16M', '"16M"'],
  ['16mib', '"16mib"'],
  [1024, '1024 without a unit'],
  ['99999999GiB', 'one that is too large'],
])('%j is no size', ([input, found]) => {
  expect(messagesOf(sizeBytes().safeParse(input))).toEqual([`expected a size such as 16MiB, got ${found}`])
})

test('a default counts when the key is absent, and an editor sees it as it is written', () => {
  const schema = z.strictObject({
    timeout: durationMs({ default: '30m' }).describe('How long.'),
    limit: sizeBytes({ default: '16MiB' }),
    pause: durationMs(),
  })
  expect(schema.parse({ pause: '1s' })).toEqual({ timeout: 1_800_000, limit: 16_777_216, pause: 1000 })
  expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
    required: ['pause'],
    properties: {
      timeout: { type: 'string', default: '30m', description: 'How long.', pattern: expect.stringContaining('ms|s|m') },
      limit: { type: 'string', default: '16MiB' },
    },
  })
})

function messagesOf(result: z.ZodSafeParseResult<number>): readonly string[] {
  return result.error?.issues.map(({ message }) => message) ?? []
}
