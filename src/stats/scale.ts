/**
 * The scale on which a number's scatter is about normal: `log` for positive numbers without an upper bound, `logit` for
 * shares between 0 and 1, `linear` for everything else.
 */
export type Scale = 'linear' | 'log' | 'logit'

/** @returns `undefined` for a value at or beyond a bound of the scale, which has no finite place on it */
export function toScale(value: number, scale: Scale): number | undefined {
  if (scale === 'linear') return value
  if (scale === 'log') return value > 0 ? Math.log(value) : undefined
  return value > 0 && value < 1 ? Math.log(value / (1 - value)) : undefined
}

/** The inverse of {@link toScale}. */
export function fromScale(position: number, scale: Scale): number {
  if (scale === 'linear') return position
  if (scale === 'log') return Math.exp(position)
  return 1 / (1 + Math.exp(-position))
}
