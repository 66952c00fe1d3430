const LETTERS_PER_TOKEN = 5
const DIGITS_PER_TOKEN = 3
const BYTES_PER_TOKEN = 2
const SAME_SIGNS_PER_TOKEN = 4

/** ASCII letters, digits, what is not ASCII, other signs with their repetitions, line feeds. */
const RUNS = /([A-Za-z]+)|(\d+)|([^\p{ASCII}]+)|(?:(\S)\4*)|\n/gu

/**
 * About how many tokens a model reads a text as, rather too many than too few: ASCII words count by their length, digits by
 * threes, other scripts by their bytes in UTF-8 (a Chinese character one and a half, a Cyrillic one one), every other sign for
 * itself.
 */
export function estimateTokens(text: string): number {
  let tokens = 0
  for (const [run, letters, digits, other] of text.matchAll(RUNS)) {
    if (letters !== undefined) tokens += Math.ceil(run.length / LETTERS_PER_TOKEN)
    else if (digits !== undefined) tokens += Math.ceil(run.length / DIGITS_PER_TOKEN)
    else if (other !== undefined) tokens += Math.ceil(Buffer.byteLength(run) / BYTES_PER_TOKEN)
    else tokens += Math.ceil(run.length / SAME_SIGNS_PER_TOKEN)
  }
  return tokens
}
