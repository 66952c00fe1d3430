// Made when first needed: to load what it knows of all scripts takes a noticeable part of a start.
let segmenter: Intl.Segmenter | undefined

/** Letters and signs that take one column each and do not combine: segmenting texts took a third of a report's time. */
const PLAIN = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03c9\u2010-\u2026]*$/
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u
const INVISIBLE = /^[\p{Cc}\p{Cf}\p{Mn}\p{Me}]+$/u

// East Asian Wide and Fullwidth blocks (Unicode UAX #11) that are not emoji.
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u

/** Columns that a text takes on a terminal: 2 for East Asian wide characters and emoji, 0 for what combines. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment)
  return width
}

/** @returns the text, cut with an ellipsis where it is wider than `width` columns */
export function truncateToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width <= 0) return ''
  let kept = ''
  let used = 1
  for (const { segment } of graphemesOf(text)) {
    used += graphemeWidth(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept}…`
}

/**
 * @param own the text's own width, where that is known
 * @returns the text with spaces up to `width` columns; unchanged where it is wider
 */
export function padToWidth(
  text: string,
  width: number,
  align: 'left' | 'right',
  own: number = displayWidth(text),
): string {
  const spaces = ' '.repeat(Math.max(0, width - own))
  return align === 'right' ? spaces + text : text + spaces
}

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

function graphemeWidth(grapheme: string): number {
  if (EMOJI.test(grapheme) || WIDE.test(grapheme)) return 2
  return INVISIBLE.test(grapheme) ? 0 : 1
}
