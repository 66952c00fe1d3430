import type { Gauge, ItemOutcome, Items } from '../component.ts'
import type { Json } from '../store/store.ts'
import { isName } from './name.ts'

/** More names than this are counted together: names come from outside. */
const MAX_UNKNOWN_NAMES = 200
const OTHER_NAMES = '(other)'

/** What one component did with the items that it received. */
export interface ComponentAccount {
  readonly received: number
  readonly held: number
  /** By outcome, or `outcome:reason`. */
  readonly settled: Readonly<Record<string, number>>
  readonly unknownNames: Readonly<Record<string, number>>
  /** What concerned no whole item: a truncated file, invalid UTF-8. */
  readonly noticed: Readonly<Record<string, number>>
}

interface Account {
  received: number
  held: number
  settled: Map<string, number>
  unknownNames: Map<string, number>
  noticed: Map<string, number>
}

/** A value of the moment, or one by name. */
export type Reading = () => number | ReadonlyMap<string, number>

/** The loss accounting of all components of one service. */
export class Accounting {
  readonly #accounts = new Map<string, Account>()
  readonly #gauges = new Map<string, Map<Gauge, Reading>>()

  /** @param saved what an earlier run counted, from `toJson` */
  constructor(saved?: Json) {
    for (const [component, account] of entriesOf(saved)) {
      const { received, settled, unknownNames, noticed } = objectOf(account)
      this.#accounts.set(component, {
        received: numberOf(received),
        held: 0,
        settled: countsOf(settled),
        unknownNames: namedCountsOf(unknownNames),
        noticed: countsOf(noticed),
      })
    }
  }

  itemsOf(component: string): Items {
    const account = this.#accountOf(component)
    return {
      received: (count) => {
        account.received += count
      },
      settled: (outcome, count, reason) => add(account.settled, settledKey(outcome, reason), count),
      holding: (count) => {
        account.held = count
      },
      unknownName: (name) => {
        const { unknownNames } = account
        const shown = unknownNames.has(name) || (unknownNames.size < MAX_UNKNOWN_NAMES && isName(name))
        add(unknownNames, shown ? name : OTHER_NAMES, 1)
      },
      noticed: (what, count) => add(account.noticed, what, count),
      observe: (gauge, read) => this.#gaugesOf(component).set(gauge, read),
    }
  }

  /** What components tell of themselves when they are asked. */
  gauges(): ReadonlyMap<string, ReadonlyMap<Gauge, Reading>> {
    return this.#gauges
  }

  components(): ReadonlyMap<string, ComponentAccount> {
    return new Map(
      [...this.#accounts].map(([component, { received, held, settled, unknownNames, noticed }]) => [
        component,
        {
          received,
          held,
          settled: Object.fromEntries(settled),
          unknownNames: Object.fromEntries(unknownNames),
          noticed: Object.fromEntries(noticed),
        },
      ]),
    )
  }

  toJson(): Json {
    return Object.fromEntries(
      [...this.components()].map(([component, account]) => [component, { ...account }] as const),
    )
  }

  #gaugesOf(component: string): Map<Gauge, Reading> {
    const gauges = this.#gauges.get(component) ?? new Map<Gauge, Reading>()
    this.#gauges.set(component, gauges)
    return gauges
  }

  #accountOf(component: string): Account {
    const known = this.#accounts.get(component)
    if (known !== undefined) return known
    const account: Account = { received: 0, held: 0, settled: new Map(), unknownNames: new Map(), noticed: new Map() }
    this.#accounts.set(component, account)
    return account
  }
}

/** Received items that nothing accounts for: 0, or the conservation law is broken. */
export function unaccounted({ received, held, settled }: ComponentAccount): number {
  return received - held - Object.values(settled).reduce((sum, count) => sum + count, 0)
}

function settledKey(outcome: ItemOutcome, reason: string | undefined): string {
  return reason === undefined ? outcome : `${outcome}:${reason}`
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}

function objectOf(value: Json | undefined): { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {}
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return Object.entries(objectOf(value))
}

function countsOf(value: Json | undefined): Map<string, number> {
  return new Map(entriesOf(value).map(([key, count]) => [key, numberOf(count)]))
}

/** What was saved before it was checked is checked here. */
function namedCountsOf(value: Json | undefined): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [name, count] of countsOf(value)) add(counts, isName(name) ? name : OTHER_NAMES, count)
  return counts
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}
