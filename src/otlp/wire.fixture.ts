/** Protobuf by hand: for what no encoder writes. */

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

/** A field of bytes: text, or a message of other fields. */
export function bytesField(number: number, ...content: readonly (string | Uint8Array)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  return Buffer.concat([varint((number << 3) | 2), varint(body.length), body])
}

export function varintField(number: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)])
}

export function fixed64Field(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
  return Buffer.concat([varint((number << 3) | 1), bytes])
}

export function fixed32Field(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return Buffer.concat([varint((number << 3) | 5), bytes])
}

export function groupField(number: number, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([varint((number << 3) | 3), ...fields, varint((number << 3) | 4)])
}

/** A request of one resource, one scope and these items. */
export function requestWith(...items: readonly Uint8Array[]): Buffer {
  return bytesField(1, bytesField(2, ...items.map((item) => bytesField(2, item))))
}

/** Values in each other: `levels` of them. */
export function nestedValue(levels: number): Buffer {
  let value = varintField(3, 1)
  for (let level = 1; level < levels; level++) value = bytesField(5, bytesField(1, value))
  return value
}
