import { BytePattern } from './byte-pattern.ts'

const KEY = 0x0a
const VALUE = 0x12

const STRING = 0x0a
const BOOL = 0x10
const INT = 0x18
const DOUBLE = 0x21

/** A key to look out for among attributes of the usual form. */
export class AttributeKey {
  readonly name: string
  readonly #bytes: BytePattern

  /** @param name of less than 128 bytes */
  constructor(name: string) {
    this.name = name
    this.#bytes = new BytePattern(Buffer.from(name))
  }

  /** Whether an attribute has it. @param at its length */
  isIn(bytes: Buffer, view: DataView, at: number): boolean {
    const key = at + (lengthAt(bytes, at) & 3)
    // Most keys have another length.
    return bytes[key + 1] === this.#bytes.length && this.#bytes.isAt(key + 2, view)
  }
}

/**
 * Where an attribute of the usual form ends: a key and one value, a text, number or boolean.
 *
 * @param at its length
 * @returns 0 where it has another form, or does not end before the limit
 */
export function usualAttributeEnd(bytes: Buffer, at: number, limit: number): number {
  const length = lengthAt(bytes, at)
  const key = at + (length & 3)
  const end = key + (length >>> 2)
  if (length === 0 || end > limit) return 0
  const value = valueAfterKey(bytes, key, end)
  return value !== 0 && (value === end || isUsualValue(bytes, value, end)) ? end : 0
}

/** Where the fields of the value begin that follows a key and goes on to the end; 0 when there is no such. */
export function valueAfterKey(bytes: Buffer, key: number, end: number): number {
  const keyLength = bytes[key + 1] ?? 0x80
  const value = key + 2 + keyLength
  if (bytes[key] !== KEY || keyLength >= 0x80 || value >= end || bytes[value] !== VALUE) return 0
  const length = lengthAt(bytes, value + 1)
  const start = value + 1 + (length & 3)
  return length !== 0 && start + (length >>> 2) === end ? start : 0
}

/** Whether one text, number or boolean fills a value. */
function isUsualValue(bytes: Buffer, start: number, end: number): boolean {
  switch (bytes[start]) {
    case STRING: {
      const length = lengthAt(bytes, start + 1)
      return length !== 0 && start + 1 + (length & 3) + (length >>> 2) === end
    }
    case INT:
    case BOOL:
      return isUsualVarint(bytes, start + 1, end)
    case DOUBLE:
      return end - start === 9
    default:
      return false
  }
}

/** Whether these bytes are one number of at most 63 bits. */
function isUsualVarint(bytes: Buffer, start: number, end: number): boolean {
  const last = end - 1
  if (last < start || last - start > 8) return false
  for (let at = start; at < last; at++) if ((bytes[at] ?? 0) < 0x80) return false
  return (bytes[last] ?? 0x80) < 0x80
}

/** A length of at most three bytes, times four, plus how many they are; 0 when it is longer or cut off. */
export function lengthAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0x80
  if (first < 0x80) return (first << 2) | 1
  const second = bytes[at + 1] ?? 0x80
  if (second < 0x80) return (((second << 7) | (first & 0x7f)) << 2) | 2
  const third = bytes[at + 2] ?? 0x80
  return third < 0x80 ? (((third << 14) | ((second & 0x7f) << 7) | (first & 0x7f)) << 2) | 3 : 0
}
