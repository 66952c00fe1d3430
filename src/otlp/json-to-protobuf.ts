import type { OtlpSignal } from '#src/model/otlp-request.ts'
import { type Field, isMessage, type MessageName, messageOf, REQUESTS, type Scalar } from './otlp-messages.ts'
import { type Json, parseExactly } from './parse-exactly.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
  ['', '2', '3', '4'].map((step) => `SEVERITY_NUMBER_${name}${step}`),
)

/** The names of enum values, which some senders write; the index is the number. */
const ENUMS: Readonly<Partial<Record<Scalar, readonly string[]>>> = {
  severity: ['SEVERITY_NUMBER_UNSPECIFIED', ...SEVERITIES],
  span_kind: ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((name) => `SPAN_KIND_${name}`),
  status_code: ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`),
  temporality: ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'].map((name) => `AGGREGATION_TEMPORALITY_${name}`),
}

/**
 * Writes an OTLP/JSON request as protobuf, exact to the last digit. Unknown members, which have no number, are left out.
 *
 * @param body checked to be a request of its signal
 */
export function jsonToProtobuf(signal: OtlpSignal, body: Buffer): Buffer {
  const writer = new ProtobufWriter()
  writeMessage(writer, REQUESTS[signal], parseExactly(body.utf8Slice(0, body.length)))
  return writer.bytes()
}

function writeMessage(writer: ProtobufWriter, name: MessageName, value: Json): void {
  if (typeof value !== 'object' || value === null || isList(value)) return
  const { byName } = messageOf(name)
  for (const [key, member] of Object.entries(value)) {
    const field = byName.get(key)
    if (field === undefined || member === null) continue
    if (!field.repeated) writeField(writer, field, member)
    else if (isList(member)) for (const element of member) writeField(writer, field, element)
  }
}

function writeField(writer: ProtobufWriter, { number, type }: Field, value: Json): void {
  if (isMessage(type)) {
    writer.message(number, () => writeMessage(writer, type, value))
    return
  }
  switch (type) {
    case 'text':
      return writer.span(number, Buffer.from(String(value)))
    case 'id':
      return writer.span(number, Buffer.from(String(value), 'hex'))
    case 'bytes':
      return writer.span(number, Buffer.from(String(value), 'base64'))
    case 'bool':
      return writer.varint(number, value === true ? 1n : 0n)
    case 'double':
      return writer.double(number, Number(value))
    case 'fixed32':
      return writer.fixed32(number, integerOf(value))
    case 'fixed64':
    case 'sfixed64':
      return writer.fixed64(number, integerOf(value))
    case 'sint32': {
      const signed = integerOf(value)
      return writer.varint(number, signed < 0n ? -2n * signed - 1n : 2n * signed)
    }
    default:
      return writer.varint(number, enumNumber(type, value) ?? integerOf(value))
  }
}

function enumNumber(type: Scalar, value: Json): bigint | undefined {
  const at = typeof value === 'string' ? (ENUMS[type]?.indexOf(value) ?? -1) : -1
  return at < 0 ? undefined : BigInt(at)
}

function integerOf(value: Json): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : 0n
  return typeof value === 'string' && /^-?[0-9]{1,20}$/.test(value) ? BigInt(value) : 0n
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
