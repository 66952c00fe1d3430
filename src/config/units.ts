import * as z from 'zod'

const MS_PER_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const BYTES_PER_UNIT = {
  B: 1,
  kB: 1000,
  KiB: 2 ** 10,
  MB: 1000 ** 2,
  MiB: 2 ** 20,
  GB: 1000 ** 3,
  GiB: 2 ** 30,
} as const

const DURATION = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/
const SIZE = /^([0-9]+(?:\.[0-9]+)?)(B|kB|KiB|MB|MiB|GB|GiB)$/

/**
 * Schema of a duration as pipelines.yaml writes it: `500ms`, `10s`, `30m`, `2h`, `7d`; parsed to whole milliseconds.
 *
 * @param options.default as the file would write it; without it the key is required
 */
export function durationMs(): ReturnType<typeof durationSchema>
export function durationMs(options: { readonly default: string }): z.ZodPrefault<ReturnType<typeof durationSchema>>
export function durationMs(options?: { readonly default: string }) {
  return options === undefined ? durationSchema() : durationSchema().prefault(options.default)
}

/**
 * Schema of a size as pipelines.yaml writes it: `512B`, `64KiB`, `16MiB`, `1GiB` (binary) or `64kB`, `16MB`, `1GB`
 * (decimal); parsed to whole bytes.
 *
 * @param options.default as the file would write it; without it the key is required
 */
export function sizeBytes(): ReturnType<typeof sizeSchema>
export function sizeBytes(options: { readonly default: string }): z.ZodPrefault<ReturnType<typeof sizeSchema>>
export function sizeBytes(options?: { readonly default: string }) {
  return options === undefined ? sizeSchema() : sizeSchema().prefault(options.default)
}

function durationSchema() {
  return quantitySchema('a duration such as 30m', DURATION, MS_PER_UNIT)
}

function sizeSchema() {
  return quantitySchema('a size such as 16MiB', SIZE, BYTES_PER_UNIT)
}

function quantitySchema(what: string, pattern: RegExp, units: Readonly<Record<string, number>>) {
  const error = (issue: { readonly input?: unknown }) => `expected ${what}, got ${found(issue.input)}`
  return z
    .string({ error })
    .regex(pattern, { error })
    .transform((text, context) => {
      const [, amount, unit] = pattern.exec(text) ?? []
      const value = Math.round(Number(amount) * (units[unit ?? ''] ?? Number.NaN))
      if (Number.isSafeInteger(value)) return value
      context.addIssue({ code: 'custom', message: `expected ${what}, got one that is too large` })
      return z.NEVER
    })
}

function found(input: unknown): string {
  if (input === undefined || input === null) return 'nothing'
  if (typeof input === 'object') return Array.isArray(input) ? 'a list' : 'a map'
  return typeof input === 'number' ? `${input} without a unit` : JSON.stringify(input)
}
