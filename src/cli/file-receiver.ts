import * as z from 'zod'

const schema = z.object({ include: z.array(z.string()), exclude: z.array(z.string()).default([]) })

/** The files that a receiver's configuration names; `undefined` of receivers that read no files. */
export function filesOf(receiverConfig: unknown): z.infer<typeof schema> | undefined {
  return schema.safeParse(receiverConfig).data
}
