import { DecodeFailure } from './json-fields.ts'

/** Notes that a field was seen. Of two with the same name the last one counts, which is not looked after here. */
export function once(seen: number, field: number): number {
  const bit = 1 << field
  if ((seen & bit) !== 0) throw unusual()
  return seen | bit
}

/** What ends the reading of usual JSON. */
export function unusual(): DecodeFailure {
  return new DecodeFailure('', 'usual JSON', 'other')
}
