const LETTERS_PER_TOKEN = 5
const DIGITS_PER_TOKEN = 3

/**
 * About how many tokens a model reads a text as, rather too many than too few: words count by their length, digits by
 * threes, every other sign for itself.
 */
export function estimateTokens(text: string): number {
  let tokens = 0
  for (const [run] of text.matchAll(/\p{L}+|\p{N}+|-+|[^\s]|\n/gu)) {
    if (/^\p{L}/u.test(run)) tokens += Math.ceil(run.length / LETTERS_PER_TOKEN)
    else if (/^\p{N}/u.test(run)) tokens += Math.ceil(run.length / DIGITS_PER_TOKEN)
    else tokens += 1
  }
  return tokens
}
