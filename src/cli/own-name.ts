import type { Io } from './io.ts'

/** How the user who sees a message calls agentperf: through npm in a checkout, with npx, or by its name. */
export function ownName({ env }: Pick<Io, 'env'>): string {
  const script = env.npm_lifecycle_event
  if (script === undefined) return 'agentperf'
  return script === 'npx' ? 'npx agentperf' : 'npm run -s agentperf --'
}
