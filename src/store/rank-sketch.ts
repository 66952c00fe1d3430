/** Values within this relative distance of each other count as equal. */
const RELATIVE_ACCURACY = 0.001
const LOG_GAMMA = Math.log((1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY))
/** Magnitudes below 1e-12 count as zero, those above 1e15 as 1e15. */
const MIN_EXPONENT = Math.floor(Math.log(1e-12) / LOG_GAMMA)
const MAX_EXPONENT = Math.ceil(Math.log(1e15) / LOG_GAMMA)
const PAGE_BITS = 6
const PAGE_LENGTH = 1 << PAGE_BITS

interface Page {
  total: number
  readonly counts: Float64Array
}

/** How many values lie below a value and how many are equal to it, within the sketch's accuracy. */
export interface Rank {
  readonly below: number
  readonly equal: number
  readonly count: number
}

/** Buckets that are not empty: pairs of bucket number and count, in order of value. */
export type SketchBuckets = readonly (readonly [bucket: number, count: number])[]

/**
 * Counts values in buckets that grow with their magnitude, as DDSketch does (Masson, Rim and Lee, VLDB 2019), with a
 * relative accuracy of 0.1 %. Values can be taken out again, so that a corrected one replaces the old; the result
 * does not depend on the order.
 */
export class RankSketch {
  readonly #pages = new Map<number, Page>()
  #count = 0

  static fromBuckets(buckets: SketchBuckets): RankSketch {
    const sketch = new RankSketch()
    for (const [bucket, count] of buckets) sketch.#addTo(bucket, count)
    return sketch
  }

  get count(): number {
    return this.#count
  }

  add(value: number): void {
    this.#addTo(bucketOf(value), 1)
  }

  /** Takes out a value that was added before. */
  remove(value: number): void {
    this.#addTo(bucketOf(value), -1)
  }

  rank(value: number): Rank {
    const bucket = bucketOf(value)
    const ownPage = bucket >> PAGE_BITS
    let below = 0
    for (const [page, { total }] of this.#pages) {
      if (page < ownPage) below += total
    }
    const counts = this.#pages.get(ownPage)?.counts
    const slot = bucket & (PAGE_LENGTH - 1)
    for (let index = 0; index < slot; index += 1) below += counts?.[index] ?? 0
    return { below, equal: counts?.[slot] ?? 0, count: this.#count }
  }

  buckets(): SketchBuckets {
    return [...this.#pages].sort(([a], [b]) => a - b).flatMap(([page, { counts }]) => bucketsOf(page, counts))
  }

  #addTo(bucket: number, count: number): void {
    const number = bucket >> PAGE_BITS
    let page = this.#pages.get(number)
    if (page === undefined) {
      page = { total: 0, counts: new Float64Array(PAGE_LENGTH) }
      this.#pages.set(number, page)
    }
    const slot = bucket & (PAGE_LENGTH - 1)
    page.counts[slot] = (page.counts[slot] ?? 0) + count
    page.total += count
    this.#count += count
    if (page.total === 0) this.#pages.delete(number)
  }
}

function bucketsOf(page: number, counts: Float64Array): SketchBuckets {
  return Array.from(counts, (count, slot) => [page * PAGE_LENGTH + slot, count] as const).filter(
    ([, count]) => count !== 0,
  )
}

/** Negative values mirror positive ones, around 0 for zero: the numbers are in the order of the values. */
function bucketOf(value: number): number {
  const exponent = Math.floor(Math.log(Math.abs(value)) / LOG_GAMMA)
  if (exponent < MIN_EXPONENT) return 0
  const magnitude = Math.min(exponent, MAX_EXPONENT) - MIN_EXPONENT + 1
  return value < 0 ? -magnitude : magnitude
}
