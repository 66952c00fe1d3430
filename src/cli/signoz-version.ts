import * as z from 'zod'

const TIMEOUT_MS = 5000

const answerSchema = z.object({ version: z.string(), setupCompleted: z.boolean().optional() })

/** What a SigNoz tells of itself. */
export interface SignozVersion {
  readonly text: string
  /** False while it has no organisation: it takes nothing in then. */
  readonly setupCompleted: boolean
}

/** @returns `undefined` when nothing answers there that is a SigNoz */
export async function versionOf(page: string): Promise<SignozVersion | undefined> {
  try {
    const response = await fetch(new URL('/api/v1/version', page), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const answer = answerSchema.safeParse(await response.json())
    if (!answer.success) return undefined
    return { text: answer.data.version, setupCompleted: answer.data.setupCompleted ?? true }
  } catch {
    return undefined
  }
}
