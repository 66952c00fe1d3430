import { expect, test } from 'vitest'
import { byteOrderMarkLength, frameLines, type Window } from './framer.ts'
import { RecordingConsumer } from './recording-consumer.fixture.ts'

const LIMITS = { maxLines: 100, maxLineBytes: 20 }

function windowOf(content: string | Uint8Array, base = 0): Window {
  const bytes = Buffer.from(content)
  return { bytes: Buffer.concat([bytes, Buffer.from('stale\nbytes\n')]), base, length: bytes.length }
}

test.for<{ name: string; content: string; lines: [text: string, byteOffset: number][]; rest: string }>([
  { name: 'nothing', content: '', lines: [], rest: '' },
  { name: 'one line', content: '{"a":1}\n', lines: [['{"a":1}', 0]], rest: '' },
  { name: 'a line without an end is not handed out', content: 'a\nbc', lines: [['a', 0]], rest: 'bc' },
  { name: 'no line end at all', content: 'abc', lines: [], rest: 'abc' },
  {
    name: 'empty lines are passed over',
    content: '\n\na\n\r\n \t \nb\n',
    lines: [
      ['a', 2],
      ['b', 10],
    ],
    rest: '',
  },
  {
    name: 'carriage returns are cut off',
    content: 'a\r\nb\r\n',
    lines: [
      ['a', 0],
      ['b', 3],
    ],
    rest: '',
  },
  { name: 'a carriage return inside a line stays', content: 'a\rb\n', lines: [['a\rb', 0]], rest: '' },
  {
    name: 'NUL bytes before a line are cut off',
    content: '\0\0\0a\n\0\nb\n',
    lines: [
      ['a', 0],
      ['b', 7],
    ],
    rest: '',
  },
  { name: 'NUL bytes inside a line stay', content: 'a\0b\n', lines: [['a\0b', 0]], rest: '' },
  {
    name: 'offsets are those of bytes',
    content: 'äöü\n€\nz\n',
    lines: [
      ['äöü', 0],
      ['€', 7],
      ['z', 11],
    ],
    rest: '',
  },
  { name: 'a line as long as allowed', content: `${'x'.repeat(20)}\n`, lines: [['x'.repeat(20), 0]], rest: '' },
])('framing: $name', async ({ content, lines, rest }) => {
  const consumer = new RecordingConsumer()
  const window = windowOf(content)
  const end = frameLines(window, 0, Number.POSITIVE_INFINITY, LIMITS, consumer.sinkFor('f'))
  await consumer.deliver()
  expect(consumer.delivered.map(({ text, byteOffset }) => [text, byteOffset])).toEqual(lines)
  expect(window.bytes.toString('utf8', end, window.length)).toBe(rest)
})

test('a line that is too long is reported with its place and length, and those around it are handed out', async () => {
  const consumer = new RecordingConsumer()
  frameLines(windowOf(`a\n${'x'.repeat(21)}\nb\n`, 1000), 0, Number.POSITIVE_INFINITY, LIMITS, consumer.sinkFor('f'))
  await consumer.deliver()
  expect(consumer.texts).toEqual(['a', 'b'])
  expect(consumer.tooLong).toEqual([{ byteOffset: 1002, bytes: 21 }])
})

test('no more lines than asked for, and none that starts at the limit', async () => {
  const consumer = new RecordingConsumer()
  const window = windowOf('a\nb\nc\nd\n', 100)
  const sink = consumer.sinkFor('f')
  const second = frameLines(window, 0, 106, { ...LIMITS, maxLines: 2 }, sink)
  expect(second).toBe(4)
  expect(frameLines(window, second, 106, { ...LIMITS, maxLines: 2 }, sink)).toBe(6)
  await consumer.deliver()
  expect(consumer.texts).toEqual(['a', 'b', 'c'])
})

test('bytes that are not UTF-8 become U+FFFD and are reported; a genuine U+FFFD is not', async () => {
  const consumer = new RecordingConsumer()
  const content = Buffer.concat([Buffer.from('\ufffd\na'), Buffer.from([0xff, 0xc3]), Buffer.from('b\nc\n')])
  frameLines(windowOf(content), 0, Number.POSITIVE_INFINITY, LIMITS, consumer.sinkFor('f'))
  await consumer.deliver()
  expect(consumer.texts).toEqual(['\ufffd', 'a\ufffd\ufffdb', 'c'])
  expect(consumer.invalidUtf8).toEqual([4])
})

test.for<[content: number[], base: number, length: number]>([
  [[0xef, 0xbb, 0xbf, 0x61], 0, 3],
  [[0xef, 0xbb, 0xbf, 0x61], 64, 0],
  [[0xef, 0xbb], 0, 0],
  [[0x61, 0x62, 0x63], 0, 0],
])('a byte order mark counts only at the start of a file: %j at %i is %i bytes', ([content, base, length]) => {
  expect(byteOrderMarkLength(windowOf(Uint8Array.from(content), base))).toBe(length)
})
