import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type * as z from 'zod'
import type { Logger, Next, Receiver } from '#src/component.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { Accounting, unaccounted } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { configSchema } from './config.ts'
import { jsonlFile } from './jsonl_file.ts'

const NOW_MS = Date.UTC(2026, 1, 13)
const START_MS = Date.UTC(2026, 1, 12, 18, 28)
const ID = 'jsonl_file/test'

let folder: string
let store: OpenStore
let accounting: Accounting
let progress: InputProgress
let received: Telemetry[]
let logged: { readonly level: string; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[]
let noticed: Record<string, number>
let nowMs: number
let receivers: Receiver[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-jsonl-file-'))
  store = await openStore({ directory: join(folder, 'state'), mode: 'write', nowMs: () => NOW_MS })
  accounting = new Accounting()
  progress = new InputProgress()
  received = []
  logged = []
  noticed = {}
  nowMs = NOW_MS
  receivers = []
})

afterEach(async () => {
  for (const receiver of receivers) await receiver.stop()
  for (const account of accounting.components().values()) expect(unaccounted(account)).toBe(0)
  await store.close()
  await rm(folder, { recursive: true })
})

const accept: Next<'telemetry'> = async (batch) => {
  received.push(...batch)
}

function create(config: Partial<z.input<typeof configSchema>> = {}, next = accept): Receiver {
  const receiver = jsonlFile.create(
    configSchema.parse({ include: [join(folder, '*.jsonl*')], poll_interval: '20ms', ...config }),
    {
      id: ID,
      log: logger(),
      now: () => nowMs,
      items: {
        ...accounting.itemsOf(ID),
        noticed: (what, count) => {
          noticed[what] = (noticed[what] ?? 0) + count
        },
      },
      progress: progress.of(ID),
      store,
      decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
    },
    next,
  )
  receivers.push(receiver)
  return receiver
}

function logger(): Logger {
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    logged.push({ level, fields, message })
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Reads everything once. */
async function readOnce(config: Partial<z.input<typeof configSchema>> = {}): Promise<void> {
  const receiver = create({ follow: false, ...config })
  await receiver.start()
  await receiver.finished
  await receiver.stop()
}

function span(id: string, more: object = {}): string {
  const startTime = [START_MS / 1000, 0]
  return JSON.stringify({ traceId: id, spanId: '1', name: 'hook:notification', startTime, endTime: startTime, ...more })
}

function otlpLogs(...times: (string | number)[]): string {
  const logRecords = times.map((timeUnixNano, index) => ({ timeUnixNano, body: { stringValue: `${index}` } }))
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

function settled(): Readonly<Record<string, number>> {
  const account = accounting.components().get(ID)
  return { received: account?.received ?? 0, ...account?.settled }
}

function ids(): unknown[] {
  return received.map((item) => (item.kind === 'span' ? item.traceId : item.kind === 'log' ? item.body : item.name))
}

describe('what lines become', () => {
  test('every format, told apart by content in one file, each line counted once', async () => {
    const lines = [
      span('s1'),
      JSON.stringify({ timestamp: START_MS, name: 'gen_ai.evaluation.result', attributes: {} }),
      JSON.stringify({ timestamp: START_MS, severityText: 'INFO', body: 'log' }),
      otlpLogs(`${START_MS}000000`, `${START_MS}000000`),
      JSON.stringify({ resourceSpans: [] }),
      JSON.stringify({ t: 1, body: { hook_event_name: 'Stop' } }),
      '',
      '{"a":',
      '[1, 2]',
      'null',
      span(''),
      span('s2', { name: null }),
      span('s3', { startTime: [2, 0] }),
      span('s4', { startTime: 'soon' }),
      JSON.stringify({ resourceSpans: [{ scopeSpans: 7 }] }),
      otlpLogs(0, 0),
      span('x'.repeat(5000)),
      span('s5'),
    ]
    await writeFile(join(folder, 'mixed.jsonl'), `${lines.join('\n')}\n${span('s6')}\n{"cut":`)
    await readOnce({ max_line_size: '4KiB' })
    expect(ids()).toEqual(['s1', undefined, 'log', '0', '1', 's5', 's6'])
    expect(settled()).toEqual({
      received: 19,
      used: 7,
      'ignored:unknown_format': 1,
      'dropped:invalid_json': 3,
      'dropped:missing_trace_id': 1,
      'dropped:missing_name': 1,
      'dropped:implausible_time': 2,
      'dropped:invalid_time': 1,
      'dropped:invalid_otlp': 1,
      'dropped:line_too_long': 1,
      'dropped:partial_line': 1,
    })
  })

  test('items of a request that have an implausible time or no value are left out and noticed', async () => {
    const point = { timeUnixNano: `${START_MS}000000` }
    const metrics = [{ name: 'm', gauge: { dataPoints: [{ ...point, asInt: 1 }, { ...point, flags: 1 }, point] } }]
    const lines = [
      otlpLogs(`${START_MS}000000`, 0),
      JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }),
    ]
    await writeFile(join(folder, 'otlp.jsonl'), lines.join('\n'))
    await readOnce()
    expect(ids()).toEqual(['0', 'm'])
    expect(settled()).toEqual({ received: 2, used: 2 })
    expect(noticed).toEqual({ items_with_implausible_time: 1, points_without_value: 2 })
  })

  test('BOM, CRLF, NUL, bytes that are not UTF-8, and gzip', async () => {
    const bad = Buffer.from(span('bad-\x01'))
    bad[bad.indexOf('\\u0001')] = 0xff
    const parts = ['\ufeff', span('bom'), '\r\n', '\0\0', span('nul'), '\r\n', bad, '\n', span('end'), '\n']
    await writeFile(join(folder, 'a.jsonl'), Buffer.concat(parts.map((part) => Buffer.from(part))))
    await writeFile(join(folder, 'b.jsonl.gz'), gzipSync(`${span('gz1')}\n${span('gz2')}`))
    await readOnce()
    expect(ids()).toEqual(['bom', 'nul', 'bad-\ufffdu0001', 'end', 'gz1', 'gz2'])
    expect(noticed).toEqual({ lines_with_invalid_utf8: 1 })
    expect(logged).toMatchObject([{ level: 'warn', fields: { file: join(folder, 'a.jsonl') } }])
  })

  test('spans of one origin share one resource', async () => {
    const resource = { serviceName: 'claude-code-hooks' }
    await writeFile(join(folder, 'a.jsonl'), `${span('1', { resource })}\n${span('2', { resource })}\n`)
    await readOnce()
    expect(received[0]?.resource).toBe(received[1]?.resource)
  })
})

describe('the log', () => {
  test('names file, offset and reason of a bad line, never its content, once in 10 s and file', async () => {
    await writeFile(join(folder, 'a.jsonl'), `${span('1')}\nsecret one\nsecret two\n`)
    await writeFile(join(folder, 'b.jsonl'), 'secret three\n')
    const receiver = create()
    await receiver.start()
    await expect.poll(() => settled().received).toBe(4)
    const offset = span('1').length + 1
    expect(logged).toEqual([
      {
        level: 'warn',
        fields: { file: join(folder, 'a.jsonl'), byteOffset: offset, reason: 'invalid_json' },
        message: 'a line is left out',
      },
      {
        level: 'warn',
        fields: { file: join(folder, 'b.jsonl'), byteOffset: 0, reason: 'invalid_json' },
        message: 'a line is left out',
      },
    ])
    nowMs += 10_000
    await appendFile(join(folder, 'a.jsonl'), 'secret four\n')
    await expect.poll(() => logged.length).toBe(3)
    expect(logged[2]?.fields).toMatchObject({ byteOffset: offset + 22, alike_before: 1 })
    expect(JSON.stringify(logged)).not.toContain('secret')
  })

  test('names files that cannot be read and what happened to others', async () => {
    await mkdir(join(folder, 'folder.jsonl'))
    await writeFile(join(folder, 'cut.jsonl.gz'), gzipSync(`${span('gz')}\n`).subarray(0, -4))
    await writeFile(join(folder, 'a.jsonl'), `${span('1')}\n`)
    await readOnce()
    expect(ids().toSorted()).toEqual(['1', 'gz'])
    expect(noticed).toEqual({ file_unreadable: 1, file_corrupt_gzip: 1 })
    expect(logged.map(({ fields }) => fields)).toEqual([
      { file: join(folder, 'folder.jsonl'), event: 'unreadable', detail: 'EISDIR' },
      { file: join(folder, 'cut.jsonl.gz'), event: 'corrupt_gzip', detail: 'Z_BUF_ERROR' },
    ])
  })
})

describe('delivery', () => {
  test('batches are as large as configured, also when one line has many items', async () => {
    const sizes: number[] = []
    await writeFile(join(folder, 'a.jsonl'), `${otlpLogs(...Array(25).fill(`${START_MS}000000`))}\n${span('1')}\n`)
    const receiver = create({ follow: false, batch_lines: 10 }, async (batch) => {
      sizes.push(batch.length)
    })
    await receiver.start()
    await receiver.finished
    expect(sizes).toEqual([10, 10, 6])
  })

  test('a refused batch is offered again, and what was accepted of it is not', async () => {
    let calls = 0
    await writeFile(join(folder, 'a.jsonl'), `${otlpLogs(...Array(4).fill(`${START_MS}000000`))}\n`)
    const receiver = create({ follow: false, batch_lines: 2 }, async (batch) => {
      if (++calls === 2) throw new Error('queue full of secrets')
      received.push(...batch)
    })
    await receiver.start()
    await receiver.finished
    expect(calls).toBe(3)
    expect(ids()).toEqual(['0', '1', '2', '3'])
    expect(settled()).toEqual({ received: 1, used: 1 })
    expect(JSON.stringify(logged)).not.toContain('secrets')
  })

  test('what was refused when it stopped is neither counted nor passed over', async () => {
    let refused = 0
    await writeFile(join(folder, 'a.jsonl'), `${span('1')}\nbad\n`)
    const receiver = create({}, async () => {
      refused++
      throw new Error('no')
    })
    await receiver.start()
    await expect.poll(() => refused).toBeGreaterThan(0)
    await receiver.stop()
    expect(settled()).toEqual({ received: 0 })
    expect([...store.positions.keys(ID)]).toEqual([])
    await readOnce()
    expect(ids()).toEqual(['1'])
    expect(settled()).toEqual({ received: 2, used: 1, 'dropped:invalid_json': 1 })
  })

  test('the position is stored after the batch was accepted, under the component and the file', async () => {
    const positions: unknown[] = []
    await writeFile(join(folder, 'a.jsonl'), `${span('1')}\n${span('2')}\n`)
    const receiver = create({ follow: false, batch_lines: 1 }, async () => {
      positions.push([...store.positions.keys(ID)].map((key) => store.positions.get(ID, key)))
    })
    await receiver.start()
    await receiver.finished
    const path = join(folder, 'a.jsonl')
    expect(positions).toMatchObject([[], [{ path, offset: span('1').length + 1 }]])
    expect([...store.positions.keys(ID)]).toHaveLength(1)
    await readOnce()
    expect(received).toEqual([])
  })

  test('stopping waits for the batch that is under way and for no other', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => span(`${index}`)).join('\n')
    await writeFile(join(folder, 'a.jsonl'), `${lines}\n`)
    const gate = Promise.withResolvers<void>()
    let calls = 0
    const receiver = create({ batch_lines: 10 }, async (batch) => {
      calls++
      await gate.promise
      received.push(...batch)
    })
    await receiver.start()
    await expect.poll(() => calls).toBe(1)
    const stopped = receiver.stop()
    gate.resolve()
    await stopped
    expect(ids()).toEqual(Array.from({ length: 10 }, (_, index) => `${index}`))
    expect(calls).toBe(1)
  })
})

describe('progress', () => {
  test('the first word is that nothing is known; after the first scan everything is that was there', async () => {
    await writeFile(join(folder, 'a.jsonl'), `${span('1')}\n`)
    const gate = Promise.withResolvers<void>()
    const receiver = create({}, async () => gate.promise)
    const starting = receiver.start()
    const watcher = progress.of('watcher')
    expect(watcher.scannedUntilMs()).toBe(0)
    await starting
    expect(watcher.scannedUntilMs()).toBe(0)
    gate.resolve()
    await expect.poll(() => watcher.scannedUntilMs()).toBe(NOW_MS)
    expect(progress.total()).toEqual({ doneBytes: span('1').length + 1, knownBytes: span('1').length + 1, files: 1 })
  })

  test('a receiver that follows never finishes; one that does not, does also when it is stopped', async () => {
    expect(create().finished).toBeUndefined()
    const receiver = create({ follow: false })
    await receiver.stop()
    await expect(receiver.finished).resolves.toBeUndefined()
  })
})

test('the example of the README is a valid configuration', async () => {
  const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8')
  const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const { receivers: configured } = parse(example)
  for (const config of Object.values(configured)) expect(() => configSchema.parse(config)).not.toThrow()
  expect(Object.keys(configured)).not.toEqual([])
})
