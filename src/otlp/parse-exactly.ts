/** What JSON holds, with integers beyond 2^53 as bigint. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A number that may have more digits than a double keeps. It also finds some texts, which only takes longer. */
const LONG_NUMBER = /[:[,]\s*-?[0-9]{16,}/
const INTEGER = /^-?[0-9]+$/

/** Parses JSON so that integers keep all their digits. */
export function parseExactly(text: string): Json {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  // Typed by hand: the engine knows this argument, its types do not everywhere.
  const revive = (_key: string, value: Json, { source = '' }: { readonly source?: string } = {}): Json =>
    typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source) ? BigInt(source) : value
  return JSON.parse(text, revive)
}
