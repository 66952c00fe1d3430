// Control characters would move a terminal's cursor; bidirectional overrides would reorder what stands beside them.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202A-\u202E\u2066-\u2069]+/gu

const PLAIN = /^[\x20-\x7e]*$/

/** @returns text of unknown origin on one line, without anything that a terminal or an editor would act on */
export function visibleText(text: string): string {
  return (PLAIN.test(text) ? text : text.replace(UNPRINTABLE, ' ')).trim()
}
