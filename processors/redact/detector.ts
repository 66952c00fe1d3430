/** What a detector made of a text. */
export interface Masked {
  readonly text: string
  readonly count: number
}

/** Finds one kind of secret in texts and masks it. Its time grows with the length of the text and no faster. */
export interface Detector {
  /** A word that stands in the mask and in counters. */
  readonly kind: string
  mask(text: string): Masked
}

export function maskOf(kind: string): string {
  return `[masked:${kind}]`
}

/**
 * A detector of everything that matches a pattern.
 *
 * @param pattern global; what stands before the secret and must stay is its first group
 * @param isSecret has the last word on a match
 */
export function patternDetector(
  kind: string,
  pattern: RegExp,
  isSecret: (match: string) => boolean = () => true,
): Detector {
  const mask = maskOf(kind)
  return {
    kind,
    mask(text) {
      let count = 0
      const masked = text.replace(pattern, (match: string, before: unknown) => {
        const kept = typeof before === 'string' ? before : ''
        if (!isSecret(match.slice(kept.length))) return match
        count++
        return kept + mask
      })
      return { text: masked, count }
    },
  }
}
