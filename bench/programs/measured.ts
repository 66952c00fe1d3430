import * as z from 'zod'

/** What a program measured of itself. */
export const measurementSchema = z.object({
  wallMs: z.number(),
  /** User and system time of all threads. */
  cpuMs: z.number(),
  /** Most memory that the whole process had, from its start. */
  maxRssBytes: z.number(),
  /** How many of the things it is about: lines, sessions. */
  count: z.number(),
})

export type Measurement = z.infer<typeof measurementSchema>

/**
 * Runs the work of a benchmark's program and prints what it took as its last line: loading the program is not part of it.
 *
 * @param work says how many things it worked on
 */
export async function measured(work: () => Promise<number> | number): Promise<void> {
  const startMs = performance.now()
  const before = process.cpuUsage()
  const count = await work()
  const { user, system } = process.cpuUsage(before)
  const measurement: Measurement = {
    wallMs: performance.now() - startMs,
    cpuMs: (user + system) / 1000,
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    count,
  }
  process.stdout.write(`${JSON.stringify(measurement)}\n`)
}
