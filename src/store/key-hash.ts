const TWO_POW_32 = 0x1_0000_0000

/**
 * A 53-bit hash of a string, for sets that keep no strings: two 32-bit mixes with different operations and constants
 * run side by side over pairs of UTF-16 units. Among n keys the chance of any collision is about n² / 2^54: 6e-5 for
 * a million.
 *
 * @returns a whole number from 1 to 2^53 − 1: exact in a double, and never the 0 that marks an empty slot
 */
export function hashKey(text: string): number {
  const { length } = text
  let a = length ^ 0x2545f491
  let b = length ^ 0x68e31da4
  let index = 0
  for (; index + 1 < length; index += 2) {
    const pair = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16)
    a = Math.imul(a ^ pair, 0x9e3779b1)
    a ^= a >>> 15
    b = Math.imul(((b << 13) | (b >>> 19)) + pair, 0x85ebca77)
  }
  if (index < length) {
    const unit = text.charCodeAt(index)
    a = Math.imul(a ^ unit, 0x9e3779b1)
    a ^= a >>> 15
    b = Math.imul(((b << 13) | (b >>> 19)) + unit, 0x85ebca77)
  }
  return (avalanche(b) >>> 11) * TWO_POW_32 + (avalanche(a) >>> 0) || 1
}

/** The finaliser of MurmurHash3 (Appleby): every input bit changes every output bit with probability one half. */
function avalanche(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
