import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '#src/store/atomic-file.ts'
import { errorCode, fileError } from '#src/store/file-error.ts'
import { isAgentFile, sectionOf, withoutPromotion, withPromotion } from '#src/suggestion/agent-file.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { agentPath } from './agent-path.ts'
import type { Config } from './config.ts'

export interface PromotionSettings extends Pick<Config, 'promote' | 'agents_directory'> {
  /** Where proposals and backups are written. */
  readonly directory: string
}

/**
 * Writes a proven suggestion down, and into the file of its agent where that is wanted and there is one.
 *
 * @returns the agent's file; `undefined` where it stays a proposal
 */
export async function promote(life: SuggestionLife, settings: PromotionSettings): Promise<string | undefined> {
  const { directory, promote: mode, agents_directory: agents } = settings
  await writeFileAtomic(join(directory, 'proposals', `${life.id}.md`), sectionOf(life))
  const file = mode === 'apply' ? await readAgentFile(life, agents) : undefined
  if (file === undefined || !isAgentFile(file.text)) return undefined
  const before = withoutPromotion(file.text, life.id)
  await writeFileAtomic(join(directory, 'backups', `${life.id}.md`), before)
  await writeFileAtomic(file.path, withPromotion(file.text, life))
  return file.path
}

/** Takes a suggestion out of its agent's file; what else was changed there stays. */
export async function revert(
  life: SuggestionLife,
  { agents_directory }: Pick<Config, 'agents_directory'>,
): Promise<void> {
  const file = await readAgentFile(life, agents_directory)
  if (file !== undefined) await writeFileAtomic(file.path, withoutPromotion(file.text, life.id))
}

interface AgentFile {
  readonly path: string
  readonly text: string
}

async function readAgentFile(
  { agentType }: SuggestionLife,
  directory: string | undefined,
): Promise<AgentFile | undefined> {
  const path = agentPath(agentType, directory)
  if (path === undefined) return undefined
  try {
    if (!(await stat(path)).isFile()) return undefined
    // A link stays one.
    const target = await realpath(path)
    return { path: target, text: await readFile(target, 'utf8') }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fileError('Cannot read', path, error)
  }
}
