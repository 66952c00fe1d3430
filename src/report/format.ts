/**
 * A number for people: three significant digits below 1, two decimals up to 10, fewer above, and an exponent
 * below a millionth and from a billion on.
 */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1e9 || size < 1e-6) return value.toExponential(2)
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  if (size >= 1) return value.toFixed(2)
  return withoutTrailingZeros(value.toFixed(Math.min(8, 2 - Math.floor(Math.log10(size)))))
}

/** `1,722,424`. */
export function formatCount(value: number): string {
  if (!Number.isInteger(value)) return formatNumber(value)
  const digits = value.toFixed(0)
  return digits.length <= 3 ? digits : digits.replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Two units at most: `42 s`, `3 min 1 s`, `8 h 37 min`, `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return twoUnits(Math.floor(whole / 60), 'min', whole % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(seconds / 3600)
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** `2026-02-12 18:28 UTC`; an unreadable time as it is. */
export function formatTime(iso: string): string {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(iso) ? `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC` : iso
}

function twoUnits(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`
}

function withoutTrailingZeros(decimal: string): string {
  return decimal.replace(/(\.\d\d\d*?)0+$/, '$1')
}
