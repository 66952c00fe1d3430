import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { isLedgerLine } from './ledger-line.ts'
import { ledgerLineSchema } from './ledger-schema.ts'

type Writable<T> = T extends object ? { -readonly [Key in keyof T]: Writable<T[Key]> } : T

test('the schema and the type say the same', () => {
  expectTypeOf<z.output<typeof ledgerLineSchema>>().toExtend<LedgerLine>()
  expectTypeOf<Writable<LedgerLine>>().toExtend<z.input<typeof ledgerLineSchema>>()
  expectTypeOf<keyof z.output<typeof ledgerLineSchema>>().toEqualTypeOf<keyof LedgerLine>()
  expectTypeOf<keyof z.output<typeof ledgerLineSchema>['totals']>().toEqualTypeOf<keyof LedgerLine['totals']>()
})

test('a whole line passes the schema and the quick check', () => {
  const line = ledgerLine({ kpis: { error_rate: 0 }, totals: { cost_usd: 0.5 } })
  expect(ledgerLineSchema.safeParse(line).error).toBeUndefined()
  expect(isLedgerLine(line)).toBe(true)
})

test.for<[name: string, change: object]>([
  ['an unknown field', { surprise: 1 }],
  ['a revision of 0', { revision: 0 }],
  ['a text as KPI', { kpis: { error_rate: '0' } }],
  ['a time that is none', { ended_at: 'yesterday' }],
  ['a missing field', { trigger: undefined }],
])('the schema refuses %s', ([, change]) => {
  expect(ledgerLineSchema.safeParse({ ...ledgerLine({}), ...change }).success).toBe(false)
})

test.for<[name: string, value: unknown]>([
  ['null', null],
  ['a list', []],
  ['an empty object', {}],
  ['a fractional revision', { ...ledgerLine({}), revision: 1.5 }],
  ['an absent model', { ...ledgerLine({}), model: undefined }],
  ['a KPI that is null', { ...ledgerLine({}), kpis: { error_rate: null } }],
  ['a KPI that is not finite', { ...ledgerLine({}), kpis: { error_rate: Number.NaN } }],
  ['no session id', { ...ledgerLine({}), session_id: 7 }],
])('the quick check refuses %s', ([, value]) => {
  expect(isLedgerLine(value)).toBe(false)
})
