import * as z from 'zod'
import { INJECTION_SCHEMA, type InjectionLine } from '#src/model/injection.ts'
import { layoutOf } from './layout.ts'
import { linesBackwards } from './lines-backwards.ts'

const tokens = z.int().nonnegative()

const injectionSchema = z.strictObject({
  schema: z.literal(INJECTION_SCHEMA),
  at: z.iso.datetime(),
  session_id: z.string(),
  agent_id: z.string().exactOptional(),
  agent_type: z.string(),
  hook: z.enum(['SessionStart', 'SubagentStart', 'UserPromptSubmit']),
  suggestion_ids: z.array(z.string()),
  tokens,
  warning_tokens: tokens,
  suggestion_tokens: tokens,
  baseline_tokens: tokens,
  characters: tokens,
}) satisfies z.ZodType<InjectionLine>

/** What agents were told last, newest first; lines that are none are left out. Reads backwards, without a lock. */
export function* lastInjections(directory: string): Generator<InjectionLine> {
  for (const { text } of linesBackwards(layoutOf(directory).injections)) {
    const line = injectionSchema.safeParse(parseJson(text)).data
    if (line !== undefined) yield line
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
