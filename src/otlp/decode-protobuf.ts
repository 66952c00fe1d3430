import type { Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES, type Table } from './attribute-table.ts'
import { type DecodedRequest, NO_RESOURCE, NO_SCOPE } from './decode-json.ts'
import { addItem, type MAX_ITEMS } from './item-limit.ts'
import { DecodeFailure, within } from './json-fields.ts'
import { readLogRecord } from './protobuf-logs.ts'
import { readMetric } from './protobuf-metrics.ts'
import { readSpan } from './protobuf-spans.ts'
import { ValueReader } from './protobuf-values.ts'
import { SharedTexts } from './shared-texts.ts'

/** What a request holds, as the last part of its URL says. */
export type OtlpSignal = 'traces' | 'logs' | 'metrics'

/** The lists of a request, of its parts, and of their parts, as JSON calls them: for the paths of errors. */
const LISTS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const satisfies Record<OtlpSignal, readonly string[]>

// Export…ServiceRequest: only parts. Resource… and Scope…: where they come from, and parts.
const REQUEST_PARTS = 0x0a
const ORIGIN = 0x0a
const PARTS = 0x12

const RESOURCE = { attributes: 0x0a, fields: 0b10 } as const
const SCOPE = { name: 0x0a, version: 0x12, fields: 0b110 } as const

/**
 * Decodes OTLP/protobuf export requests straight into telemetry; the same request in JSON gives the same items.
 *
 * Unknown fields are skipped; of several values of one field the last one counts. Everything or nothing: one wrong byte
 * refuses the request, and so do more than {@link MAX_ITEMS} items. Text that is no UTF-8 gets U+FFFD in its place.
 */
export class ProtobufDecoder {
  readonly #texts: SharedTexts

  constructor(texts = new SharedTexts()) {
    this.#texts = texts
  }

  /** @param body the request, decompressed; it stays as it is while there are items, whose ids and attributes are read from it */
  decode(signal: OtlpSignal, body: Buffer): DecodedRequest {
    const reader = new ValueReader(body, this.#texts)
    const request = new RequestReader(signal, reader)
    try {
      request.read()
    } catch (error) {
      if (!(error instanceof DecodeFailure)) throw error
      return { ok: false, error: { path: error.path, expected: error.expected, got: error.got } }
    }
    reader.finish()
    return { ok: true, items: request.items, skipped: request.skipped }
  }
}

/** Reads one request. */
class RequestReader {
  readonly items: Telemetry[] = []
  skipped = 0
  readonly #signal: OtlpSignal
  readonly #reader: ValueReader

  constructor(signal: OtlpSignal, reader: ValueReader) {
    this.#signal = signal
    this.#reader = reader
  }

  read(): void {
    const [resources, scopes, items] = LISTS[this.#signal]
    this.#each(resources, REQUEST_PARTS, () =>
      this.#withOrigin(readResource, NO_RESOURCE, (resource) =>
        this.#each(scopes, PARTS, () =>
          this.#withOrigin(readScope, NO_SCOPE, (scope) => this.#each(items, PARTS, () => this.#item(resource, scope))),
        ),
      ),
    )
  }

  #item(resource: Resource, scope: Scope): void {
    const reader = this.#reader
    if (this.#signal === 'traces') addItem(this.items, readSpan(reader, resource, scope))
    else if (this.#signal === 'logs') addItem(this.items, readLogRecord(reader, resource, scope))
    else this.skipped += readMetric(reader, resource, scope, this.items)
  }

  /** Goes into a message and reads where its parts come from, which may stand behind them. */
  #withOrigin<T>(read: (reader: ValueReader) => T, absent: T, visit: (origin: T) => void): void {
    const { wire } = this.#reader
    const outer = wire.enter()
    const start = wire.position
    let origin = absent
    while (wire.more()) {
      const tag = wire.tag()
      if (tag === ORIGIN) origin = read(this.#reader)
      else wire.skip(tag, fieldBit(ORIGIN))
    }
    wire.position = start
    visit(origin)
    wire.leave(outer)
  }

  #each(list: string, wanted: number, visit: () => void): void {
    const { wire } = this.#reader
    let index = 0
    while (wire.more()) {
      const tag = wire.tag()
      if (tag !== wanted) {
        wire.skip(tag, fieldBit(wanted))
        continue
      }
      try {
        visit()
      } catch (error) {
        throw within(`${list}[${index}]`, error)
      }
      index++
    }
  }
}

function readResource(reader: ValueReader): Resource {
  const { wire } = reader
  const outer = wire.enter()
  let attributes: Table | undefined
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === RESOURCE.attributes) attributes = reader.attribute(attributes)
    else wire.skip(tag, RESOURCE.fields)
  }
  wire.leave(outer)
  return { attributes: attributes ?? NO_ATTRIBUTES }
}

function readScope(reader: ValueReader): Scope {
  const { wire } = reader
  const outer = wire.enter()
  let name = ''
  let version = ''
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === SCOPE.name) name = reader.text()
    else if (tag === SCOPE.version) version = reader.text()
    else wire.skip(tag, SCOPE.fields)
  }
  wire.leave(outer)
  return version === '' ? { name } : { name, version }
}

function fieldBit(tag: number): number {
  return 1 << (tag >>> 3)
}
