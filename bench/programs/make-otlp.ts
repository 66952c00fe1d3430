import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { logRequests, spanRequests } from '../otlp-requests.ts'
import { measured } from './measured.ts'

/** Writes the bodies of OTLP requests, all different, in each form: a file of lengths and bodies. */

const [directory = '.', count = '0'] = process.argv.slice(2)
const SIGNALS = { traces: spanRequests('otlp spans'), logs: logRequests('otlp logs') } as const

await measured(() => {
  for (const signal of ['traces', 'logs'] as const) {
    const forms = ['protobuf', 'protobuf-gzip', 'json-gzip'].map((form) =>
      openSync(join(directory, `${signal}-${form}`), 'w'),
    )
    for (let n = 0; n < Number(count); n++) {
      const request = SIGNALS[signal].next().value
      const protobuf = encodeProtobuf(signal, request)
      const bodies = [protobuf, gzipSync(protobuf), gzipSync(JSON.stringify(request))]
      for (const [form, body] of bodies.entries()) append(forms[form] ?? -1, body)
    }
    for (const file of forms) closeSync(file)
  }
  return Number(count)
})

function append(file: number, body: Buffer): void {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  writeSync(file, length)
  writeSync(file, body)
}
