import * as z from 'zod'

const reading = z.object({ include: z.array(z.string()), exclude: z.array(z.string()).default([]) })

const listening = z.object({ endpoint: z.string() })
const listeningByProtocol = z.object({ protocols: z.record(z.string(), listening) })

/** The files that a receiver's configuration names; `undefined` of receivers that read no files. */
export function filesOf(receiverConfig: unknown): z.infer<typeof reading> | undefined {
  return reading.safeParse(receiverConfig).data
}

/** Where a receiver listens, as `127.0.0.1:4319` or, of one with several protocols, `http 127.0.0.1:4328`. */
export function endpointsOf(receiverConfig: unknown): readonly string[] {
  const single = listening.safeParse(receiverConfig).data
  if (single !== undefined) return [single.endpoint]
  const { protocols } = listeningByProtocol.safeParse(receiverConfig).data ?? { protocols: {} }
  return Object.entries(protocols).map(([protocol, { endpoint }]) => `${protocol} ${endpoint}`)
}
