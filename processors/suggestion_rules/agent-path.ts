import { join } from 'node:path'

const MAX_FILE_NAME_BYTES = 255
/** What could lead out of the folder, or into another one, on some system. */
const PATH_LIKE = /[/\\\p{Cc}]|\.\./u

/** Where an agent's own file would be; `undefined` for a name that no file of the folder can have. */
export function agentPath(agentType: string, directory: string | undefined): string | undefined {
  const name = `${agentType}.md`
  if (directory === undefined || agentType === '' || PATH_LIKE.test(name)) return undefined
  return Buffer.byteLength(name) > MAX_FILE_NAME_BYTES ? undefined : join(directory, name)
}
