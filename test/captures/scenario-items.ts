import { join } from 'node:path'
import { eventNameOf, toLogRecord } from '#receivers/claude_hooks/hook-record.ts'
import { Origins } from '#receivers/transcripts/origins.ts'
import { TranscriptFile } from '#receivers/transcripts/transcript-file.ts'
import type { SourceKind } from '#src/dialect/trust-order.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { decodeJsonBody } from '#src/otlp/decode-json-body.ts'
import { ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { NOW_MS } from '../pipelines/harness.ts'
import { CAPTURES, capture, captureBytes, capturesIn } from './captures.ts'

/** Everything that was captured of a scenario, as receivers hand it on, by the kind of its source. */
export type ScenarioItems = ReadonlyMap<SourceKind, readonly Telemetry[]>

export function itemsOf(scenario: string): ScenarioItems {
  const all: [SourceKind, Telemetry[]][] = [
    ['hooks', hooksOf(scenario)],
    ['logs', otlpOf(scenario, 'logs')],
    ['traces', otlpOf(scenario, 'traces')],
    ['transcripts', transcriptsOf(scenario)],
    ['metrics', otlpOf(scenario, 'metrics')],
  ]
  return new Map(all.filter(([, items]) => items.length > 0))
}

function otlpOf(scenario: string, signal: 'logs' | 'metrics' | 'traces'): Telemetry[] {
  const protobuf = new ProtobufDecoder()
  return capturesIn(scenario, new RegExp(`otlp-${signal}[^/]*$`)).flatMap((name) => {
    const decoded = name.endsWith('.pb')
      ? [protobuf.decode(signal, captureBytes(name))]
      : linesOf(name).map((line) => decodeJsonBody(Buffer.from(line)))
    return decoded.flatMap((request) => {
      if (!request.ok) throw new Error(`${name}: ${JSON.stringify(request.error)}`)
      return request.items
    })
  })
}

function hooksOf(scenario: string): Telemetry[] {
  return capturesIn(scenario, /hooks-command-stdin\.jsonl$/)
    .flatMap(linesOf)
    .map((line) => {
      const { t, in: event } = JSON.parse(line)
      return toLogRecord(event, eventNameOf(event) ?? '', Date.parse(t))
    })
}

function transcriptsOf(scenario: string): Telemetry[] {
  const origins = new Origins()
  return capturesIn(scenario, /(transcript|subagents)[^.]*\.jsonl$/).flatMap((name) => {
    const file = new TranscriptFile(join(CAPTURES, name))
    return linesOf(name).flatMap((text): Telemetry[] => {
      const line = file.read(text, NOW_MS)
      if (line.kind !== 'event') return []
      const { event, timeMs, attributes } = line
      return [{ kind: 'log', timeMs, eventName: event, attributes, ...origins.of(line) }]
    })
  })
}

function linesOf(name: string): string[] {
  return capture(name).trim().split('\n')
}
