import type { Io } from './io.ts'

/** How the user who sees a message calls agentperf: through npm in a checkout, with npx (or a script of theirs), or by its name. */
export function ownName({ env }: Pick<Io, 'env'>): string {
  const script = env.npm_lifecycle_event
  if (script === undefined) return 'agentperf'
  return script !== 'npx' && env.npm_package_name === 'agentperf' ? 'npm run -s agentperf --' : 'npx agentperf'
}
