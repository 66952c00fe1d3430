import { expect, test } from 'vitest'
import { headBytesOf, readBody, readHead, recordBytes, type SessionRecord, writeRecord } from './session-record.ts'
import type { SessionMeta } from './store.ts'

const meta: SessionMeta = { phase: 'closed', startMs: 1, endMs: 2.5, endSignalled: true }

test.for<{ name: string; record: SessionRecord; bytes: string }>([
  {
    name: 'a state',
    record: { set: 'set', id: 'a', meta, body: 'größe' },
    bytes: '54ec87dd89a9d35b070000000100000003001200000000000000f03f0000000000000440' + '73657461' + '6772c3b6c39f65',
  },
  {
    name: 'a tombstone',
    record: { set: 'set', id: 'a', meta: undefined, body: '' },
    bytes: 'afaf3c0d0000000000000000010000000300ff0000000000000000000000000000000000' + '73657461',
  },
  {
    name: 'a closing',
    record: { set: 'set', id: 'a', meta, closedAs: 70_000, body: '' },
    bytes: '6745919f70110100000000000100000003003200000000000000f03f0000000000000440' + '73657461',
  },
])('$name always has the same bytes: they are stored', ({ record, bytes }) => {
  const written = Buffer.alloc(recordBytes(record))
  expect(writeRecord(written, 0, record)).toBe(written.length)
  expect(written.toString('hex')).toBe(bytes)
  const { set, id, body, closedAs } = record
  const headBytes = headBytesOf(written)
  const bodyBytes = Buffer.byteLength(body)
  const head = { set, id, meta: record.meta, closedAs, headBytes, bodyBytes }
  expect(readHead(written.subarray(0, headBytes))).toEqual(head)
})

test('a state whose head or body is damaged has no body', () => {
  const record = { set: 'set', id: 'a', meta, body: 'größe' }
  const written = Buffer.alloc(recordBytes(record))
  writeRecord(written, 0, record)
  expect(readBody(written)).toBe('größe')
  for (let index = 0; index < written.length; index += 1) {
    const damaged = Buffer.from(written)
    damaged[index] = (damaged[index] ?? 0) ^ 1
    expect(readBody(damaged), `byte ${index}`).toBeUndefined()
  }
})
