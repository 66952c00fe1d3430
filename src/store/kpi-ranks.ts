import type { LedgerLine } from '#src/model/assessment.ts'
import { type Rank, RankSketch, type SketchBuckets } from './rank-sketch.ts'

type Kpis = LedgerLine['kpis']

/** How the values of each KPI rank among those of all sessions, over all agent types. */
export class KpiRanks {
  readonly #sketches = new Map<string, RankSketch>()

  static fromBuckets(buckets: Iterable<readonly [kpi: string, buckets: SketchBuckets]>): KpiRanks {
    const ranks = new KpiRanks()
    for (const [kpi, counts] of buckets) ranks.#sketches.set(kpi, RankSketch.fromBuckets(counts))
    return ranks
  }

  add(kpis: Kpis): void {
    for (const [kpi, value] of Object.entries(kpis)) this.#sketchOf(kpi).add(value)
  }

  /** Takes out values that were added before. */
  remove(kpis: Kpis): void {
    for (const [kpi, value] of Object.entries(kpis)) {
      const sketch = this.#sketches.get(kpi)
      sketch?.remove(value)
      if (sketch?.count === 0) this.#sketches.delete(kpi)
    }
  }

  rank(kpi: string, value: number): Rank {
    return this.#sketches.get(kpi)?.rank(value) ?? { below: 0, equal: 0, count: 0 }
  }

  /** In the order of the KPIs' names. */
  buckets(): [kpi: string, buckets: SketchBuckets][] {
    return [...this.#sketches.keys()].sort().map((kpi) => [kpi, this.#sketches.get(kpi)?.buckets() ?? []])
  }

  #sketchOf(kpi: string): RankSketch {
    let sketch = this.#sketches.get(kpi)
    if (sketch === undefined) {
      sketch = new RankSketch()
      this.#sketches.set(kpi, sketch)
    }
    return sketch
  }
}
