import type { Kind, Next, Signal } from '#src/component.ts'

/** One end of an edge: a component, or the stage that commits assessments. */
export interface EdgeEnd {
  readonly kind: Kind | 'commit'
  readonly id: string
}

/** Where items are handed over, from one component to the next. */
export interface Edge {
  readonly pipeline: string
  readonly signal: Signal
  readonly from: EdgeEnd
  readonly to: EdgeEnd
}

/** Counts what goes over one edge. */
export interface EdgeItems {
  handedOn(count: number): void
  /** The next one did not take them: whoever has them offers them again, or loses them. */
  refused(count: number): void
}

/** Counts what is handed to `next`. */
export function counted(next: Next<Signal>, items: EdgeItems | undefined): Next<Signal> {
  if (items === undefined) return next
  const send: Next<Signal> = (batch) => countOutcome(() => next(batch), batch.length, items)
  const { passing } = next
  if (passing === undefined) return send
  const { others } = passing
  return Object.assign(send, {
    passing: {
      pass: (request) => countOutcome(() => passing.pass(request), request.items, items),
      ...(others !== undefined && { others: (batch) => countOutcome(() => others(batch), batch.length, items) }),
    } satisfies NonNullable<Next<Signal>['passing']>,
  })
}

async function countOutcome(hand: () => Promise<void>, count: number, items: EdgeItems): Promise<void> {
  try {
    await hand()
  } catch (error) {
    items.refused(count)
    throw error
  }
  items.handedOn(count)
}
