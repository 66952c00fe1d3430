import { join } from 'node:path'
import { safeFileName } from '#src/store/atomic-file.ts'

/** Where an agent's own file would be. A name that is no plain file name is no agent's: it must not lead out of the folder. */
export function agentPath(agentType: string, directory: string | undefined): string | undefined {
  if (directory === undefined || safeFileName(agentType) !== agentType) return undefined
  return join(directory, `${agentType}.md`)
}
