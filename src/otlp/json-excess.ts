/** Smaller bodies cannot take much memory, whatever they hold. */
export const MAX_UNCHECKED_BYTES = 2 ** 20

/** 100 levels of values are 400 of JSON. */
const MAX_DEPTH = 500

/** The shortest value of telemetry takes 17 bytes; an empty object takes 20 times the memory of its three bytes. */
const MIN_BYTES_PER_OBJECT = 12

/** Each name of an object that was not there before takes 200 bytes; telemetry's objects have some dozen. */
const MAX_NAMES = 1000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const LOWEST_INT32 = -(2 ** 31)

/** What a body has too much of, to ask before it is parsed: parsing multiplies it. `undefined`: nothing. */
export function jsonExcess(body: Buffer): string | undefined {
  if (body.length <= MAX_UNCHECKED_BYTES) return undefined
  const maxObjects = Math.floor(body.length / MIN_BYTES_PER_OBJECT)
  let objects = 0
  let depth = 0
  // By depth the commas that were seen; where they part no names they start so low that they never count.
  const commas = new Int32Array(MAX_DEPTH + 1)
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    switch (byte) {
      case QUOTE:
        at = endOfText(body, at)
        break
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (++objects > maxObjects) return `an object or list for at least ${MIN_BYTES_PER_OBJECT} bytes each`
        if (++depth > MAX_DEPTH) return `at most ${MAX_DEPTH} levels of JSON`
        commas[depth] = byte === OPEN_OBJECT ? 0 : LOWEST_INT32
        break
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        depth--
        break
      case COMMA: {
        const names = (commas[depth] ?? 0) + 1
        if (names >= MAX_NAMES) return `at most ${MAX_NAMES} names in an object`
        commas[depth] = names
      }
    }
  }
  return undefined
}

function endOfText(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++
    else if (body[at] === QUOTE) return at
  }
  return body.length
}
