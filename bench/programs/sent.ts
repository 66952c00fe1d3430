import * as z from 'zod'

/** How a load of requests is sent. */
export const loadSchema = z.object({
  /** With `/v1/traces` and so on behind it. */
  url: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      signal: z.enum(['traces', 'logs']),
      headers: z.record(z.string(), z.string()),
    }),
  ),
  connections: z.number(),
  /** Waits after a refusal for as long as it says, as clients should; else what was refused is sent again at once. */
  patient: z.boolean(),
  /** Requests begin at this rate, whatever becomes of those before; without it, as soon as a connection is free. */
  perSecond: z.number().optional(),
})

export type Load = z.infer<typeof loadSchema>

/** What became of it. Times of answers count from when the request was to begin. */
export const sentSchema = z.object({
  accepted: z.number(),
  refused: z.number(),
  wallMs: z.number(),
  medianMs: z.number(),
  p99Ms: z.number(),
})

export type Sent = z.infer<typeof sentSchema>
