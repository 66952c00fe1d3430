/** What a slot for a value takes, with the value itself where it is a number. */
const SLOT_BYTES = 32
const TEXT_BYTES = 32
const CONTAINER_BYTES = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const OPEN_OBJECT = 0x7b
const LAST_ASCII = 0x7f

/** Whether `JSON.parse` would take more memory than this for a body, about: for its text and all that it holds. */
export function takesMoreThan(maxBytes: number, body: Buffer): boolean {
  // Each character is there twice: in the text as a whole and, at worst, in one of its own.
  let bytes = body.length * 2
  let isAscii = true
  let inText = false
  for (let at = 0; at < body.length && bytes <= maxBytes; at++) {
    const byte = body[at] ?? 0
    if (byte > LAST_ASCII && isAscii) {
      isAscii = false
      bytes *= 2
    }
    if (inText) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) {
      inText = true
      bytes += TEXT_BYTES
    } else if (byte === COMMA) bytes += SLOT_BYTES
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) bytes += CONTAINER_BYTES
  }
  return bytes > maxBytes
}
