/** Enough for the disk to have something to do; the system's threads for files are four. */
const AT_ONCE = 8

/**
 * Does the same with each item, several at a time: a file's way to the disk is mostly waiting. What is being done when one
 * fails is finished, so that nothing goes on behind the caller's back.
 *
 * @returns the results, in the items' order
 * @throws what the first that failed threw; later ones are not begun then
 */
export async function severalAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const settled = await Promise.allSettled(items.slice(from, from + AT_ONCE).map(work))
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason
      results.push(one.value)
    }
  }
  return results
}
