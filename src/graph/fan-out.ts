import type { Consumer, Next, Passing, Signal } from '#src/component.ts'

/** Hands batches to a consumer, and whole requests to one that takes them. */
export function sendTo(consumer: Pick<Consumer<Signal>, 'consume' | 'pass'>): Next<Signal> {
  const send: Next<Signal> = (batch) => consumer.consume(batch)
  if (consumer.pass === undefined) return send
  const passing: Passing = { pass: async (request) => consumer.pass?.(request) }
  return Object.assign(send, { passing })
}

/**
 * Hands each batch to all branches and waits for all of them: one that fails does not make the others miss it.
 *
 * @returns a function that rejects with an AggregateError of all failures; a single branch is handed on as it is
 */
export function fanOut(branches: readonly Next<Signal>[]): Next<Signal> {
  const [only] = branches
  if (only !== undefined && branches.length === 1) return only
  const send: Next<Signal> = (batch) => toAll(branches, (next) => next(batch))
  const takers = branches.flatMap(({ passing }) => passing ?? [])
  if (takers.length === 0) return send
  // A branch may fan out further, to some that take requests and some that do not.
  const others = branches.flatMap((next): readonly Next<'telemetry'>[] => {
    if (next.passing === undefined) return [next]
    return next.passing.others === undefined ? [] : [next.passing.others]
  })
  const passing: Passing = {
    pass: (request) => toAll(takers, (taker) => taker.pass(request)),
    ...(others.length > 0 && { others: (batch) => toAll(others, (next) => next(batch)) }),
  }
  return Object.assign(send, { passing })
}

async function toAll<T>(branches: readonly T[], hand: (branch: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(branches.map(async (branch) => hand(branch)))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (failures.length === 0) return
  throw new AggregateError(
    failures,
    `${failures.length} of ${branches.length} branches failed: ${messagesOf(failures)}`,
  )
}

function messagesOf(failures: readonly unknown[]): string {
  return failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; ')
}
