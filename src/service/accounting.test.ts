import { expect, test } from 'vitest'
import { Accounting, unaccounted } from './accounting.ts'

test('what was received is settled by outcome and reason, or held', () => {
  const accounting = new Accounting()
  const items = accounting.itemsOf('processor/p/grouping')
  items.received(6)
  items.settled('used', 3)
  items.settled('dropped', 1, 'late')
  items.settled('dropped', 1, 'late')
  items.holding(1)
  const account = accounting.components().get('processor/p/grouping')
  expect(account).toMatchObject({ received: 6, held: 1, settled: { used: 3, 'dropped:late': 2 } })
  expect(account && unaccounted(account)).toBe(0)
})

test('an item that nobody settled is found', () => {
  const accounting = new Accounting()
  accounting.itemsOf('x').received(2)
  accounting.itemsOf('x').settled('used', 1)
  const account = accounting.components().get('x')
  expect(account && unaccounted(account)).toBe(1)
})

test('counts go on where a saved run stopped; what it held was read again', () => {
  const first = new Accounting()
  first.itemsOf('x').received(3)
  first.itemsOf('x').settled('used', 3)
  first.itemsOf('x').unknownName('hook:new')
  first.itemsOf('x').noticed('file_truncated', 2)
  const second = new Accounting(JSON.parse(JSON.stringify(first.toJson())))
  second.itemsOf('x').received(1)
  second.itemsOf('x').settled('duplicate', 1)
  expect(second.components().get('x')).toEqual({
    received: 4,
    held: 0,
    settled: { used: 3, duplicate: 1 },
    unknownNames: { 'hook:new': 1 },
    noticed: { file_truncated: 2 },
  })
})

test.for([null, 'text', [], { x: 7 }, { x: { received: 'many', settled: [] } }])(
  'saved nonsense (%j) counts as nothing',
  (saved) => {
    const accounting = new Accounting(saved)
    expect(accounting.itemsOf('x')).toBeDefined()
    expect(accounting.components().get('x')?.received).toBe(0)
  },
)

test('names from outside are bounded in number; what may be data is counted without its name', () => {
  const accounting = new Accounting()
  const items = accounting.itemsOf('x')
  for (let n = 0; n < 999; n++) items.unknownName(`name-${n}`)
  items.unknownName('ada@example.org')
  const names = accounting.components().get('x')?.unknownNames ?? {}
  expect(Object.keys(names).length).toBe(201)
  expect(names['(other)']).toBe(800)
  expect(Object.keys(names)).not.toContain('ada@example.org')
})
