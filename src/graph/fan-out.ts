import type { Consumer, Next, Signal } from '#src/component.ts'

/** Hands batches to a consumer. */
export function sendTo(consumer: Pick<Consumer<Signal>, 'consume'>): Next<Signal> {
  return (batch) => consumer.consume(batch)
}

/**
 * Hands each batch to all branches and waits for all of them: one that fails does not make the others miss it.
 *
 * @returns a function that rejects with an AggregateError of all failures; a single branch is handed on as it is
 */
export function fanOut(branches: readonly Next<Signal>[]): Next<Signal> {
  const [only] = branches
  if (only !== undefined && branches.length === 1) return only
  return async (batch) => {
    const results = await Promise.allSettled(branches.map(async (next) => next(batch)))
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    if (failures.length === 0) return
    throw new AggregateError(
      failures,
      `${failures.length} of ${branches.length} branches failed: ${messagesOf(failures)}`,
    )
  }
}

function messagesOf(failures: readonly unknown[]): string {
  return failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; ')
}
