import { expect, test } from 'vitest'
import { fromScale, type Scale, toScale } from './scale.ts'

test.for<{ scale: Scale; value: number; position: number | undefined }>([
  { scale: 'linear', value: -3, position: -3 },
  { scale: 'log', value: 1, position: 0 },
  { scale: 'log', value: Math.E, position: 1 },
  { scale: 'log', value: 0, position: undefined },
  { scale: 'log', value: -1, position: undefined },
  { scale: 'logit', value: 0.5, position: 0 },
  { scale: 'logit', value: 0.9, position: Math.log(9) },
  { scale: 'logit', value: 0, position: undefined },
  { scale: 'logit', value: 1, position: undefined },
])('$value stands at $position on the $scale scale', ({ scale, value, position }) => {
  const found = toScale(value, scale)
  if (position === undefined || found === undefined) expect(found).toBe(position)
  else {
    expect(found).toBeCloseTo(position, 12)
    expect(fromScale(found, scale)).toBeCloseTo(value, 12)
  }
})
