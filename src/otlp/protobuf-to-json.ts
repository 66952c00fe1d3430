import type { OtlpSignal } from '#src/model/otlp-request.ts'
import { type Field, isMessage, type MessageName, messageOf, REQUESTS, type Scalar } from './otlp-messages.ts'
import { WireReader } from './wire-reader.ts'

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

const WIRE_TYPES: Readonly<Record<Scalar, number>> = {
  text: BYTES,
  id: BYTES,
  bytes: BYTES,
  bool: VARINT,
  int32: VARINT,
  sint32: VARINT,
  uint32: VARINT,
  int64: VARINT,
  uint64: VARINT,
  severity: VARINT,
  span_kind: VARINT,
  status_code: VARINT,
  temporality: VARINT,
  fixed32: FIXED32,
  fixed64: FIXED64,
  sfixed64: FIXED64,
  double: FIXED64,
}

/**
 * Writes a protobuf request as OTLP/JSON, exact to the last digit. Unknown fields, which have no name, are left out.
 *
 * @param body checked to be a request of its signal
 */
export function protobufToJson(signal: OtlpSignal, body: Buffer): Buffer {
  return Buffer.from(messageText(new WireReader(body), REQUESTS[signal]))
}

function messageText(wire: WireReader, name: MessageName): string {
  const { byNumber } = messageOf(name)
  const values = new Map<Field, string | string[]>()
  while (wire.more()) {
    const tag = wire.tag()
    const field = byNumber.get(tag >>> 3)
    if (field === undefined) {
      wire.skip(tag, 0)
      continue
    }
    const texts = valueTexts(wire, tag, field)
    const list = values.get(field)
    if (!field.repeated) values.set(field, texts.at(-1) ?? 'null')
    else if (Array.isArray(list)) list.push(...texts)
    else values.set(field, texts)
  }
  const members = [...values].map(([field, value]) => {
    return `"${field.name}":${typeof value === 'string' ? value : `[${value.join(',')}]`}`
  })
  return `{${members.join(',')}}`
}

/** Under one tag; several where numbers are packed. */
function valueTexts(wire: WireReader, tag: number, { type, repeated }: Field): string[] {
  const wireType = tag & 7
  if (isMessage(type)) {
    if (wireType !== BYTES) throw wire.failure('a message', `wire type ${wireType}`)
    const outer = wire.enter()
    const text = messageText(wire, type)
    wire.leave(outer)
    return [text]
  }
  if (wireType === WIRE_TYPES[type]) return [scalarText(wire, type)]
  if (wireType !== BYTES || !repeated) throw wire.failure('a field with its own wire type', `wire type ${wireType}`)
  const outer = wire.enter()
  const texts: string[] = []
  while (wire.more()) texts.push(scalarText(wire, type))
  wire.leave(outer)
  return texts
}

function scalarText(wire: WireReader, type: Scalar): string {
  switch (type) {
    case 'text':
      return JSON.stringify(wire.bytes.utf8Slice(wire.span(), wire.position))
    case 'id':
      return `"${wire.bytes.hexSlice(wire.span(), wire.position)}"`
    case 'bytes':
      return `"${wire.bytes.toString('base64', wire.span(), wire.position)}"`
    case 'bool':
      return String(wire.flag())
    case 'int64':
      return `"${wire.int64()}"`
    case 'uint64':
      return `"${BigInt.asUintN(64, BigInt(wire.int64()))}"`
    case 'uint32':
      return String(Number(BigInt.asUintN(32, BigInt(wire.int64()))))
    case 'sint32': {
      const zigzag = Number(BigInt.asUintN(32, BigInt(wire.int64())))
      return String((zigzag >>> 1) ^ -(zigzag & 1))
    }
    case 'fixed32':
      return String(wire.view.getUint32(advance(wire, 4), true))
    case 'fixed64':
      return `"${wire.view.getBigUint64(advance(wire, 8), true)}"`
    case 'sfixed64':
      return `"${wire.view.getBigInt64(advance(wire, 8), true)}"`
    case 'double':
      return doubleText(wire.double())
    default:
      return String(Number(BigInt.asIntN(32, BigInt(wire.int64()))))
  }
}

/** @returns where the bytes begin */
function advance(wire: WireReader, bytes: number): number {
  const at = wire.position
  if (at + bytes > wire.limit) throw wire.failure(`${bytes} bytes`, `${wire.limit - at}`)
  wire.position = at + bytes
  return at
}

function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`
  return Object.is(value, -0) ? '-0.0' : String(value)
}
