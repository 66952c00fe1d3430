/** In characters, of a whole name and of one of its words. */
const MAX_LENGTH = 120
const MAX_WORD_LENGTH = 40
/** Longer words with digits are ids or tokens. */
const MAX_MIXED_LENGTH = 15

const NAME = /^[a-z_$][\w$.:/-]*$/i
/** Long numbers, and UUIDs. */
const NUMBER = /\d{5}|[\da-f]{8}-[\da-f]{4}-/i
const MIXED = /\d/

/**
 * Whether what came from outside as a name looks like one. What does not may be data: somebody's words, an address, a
 * number, a token.
 */
export function isName(text: string): boolean {
  if (text.length > MAX_LENGTH || !NAME.test(text) || NUMBER.test(text)) return false
  const words = text.split(/[^a-z\d]/i)
  return words.every((word) => word.length <= (MIXED.test(word) ? MAX_MIXED_LENGTH : MAX_WORD_LENGTH))
}
