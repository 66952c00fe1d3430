import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeFileAtomic } from '#src/store/atomic-file.ts'
import { errorCode, fileError } from '#src/store/file-error.ts'
import { isAgentFile, isPromotedIn, sectionOf, withoutPromotion, withPromotion } from '#src/suggestion/agent-file.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { agentPath } from './agent-path.ts'
import type { Config } from './config.ts'

export interface PromotionSettings extends Pick<Config, 'promote' | 'agents_directory'> {
  /** Where proposals and backups are written. */
  readonly directory: string
}

/** What is proposed for the agent's file. */
export function proposalPath(directory: string, id: string): string {
  return join(directory, 'proposals', `${id}.md`)
}

/**
 * Writes a proven suggestion down, and into the file of its agent where that is wanted and there is one. Where a person put it
 * there, it is promoted, too.
 *
 * @returns why it is promoted; `undefined` where it stays a proposal
 */
export async function promote(life: SuggestionLife, settings: PromotionSettings): Promise<string | undefined> {
  const { directory, promote: mode, agents_directory: agents } = settings
  await writeFileAtomic(proposalPath(directory, life.id), sectionOf(life))
  const file = await readAgentFile(life, agents)
  if (file === undefined) return undefined
  const name = basename(file.path)
  if (mode === 'propose') return isPromotedIn(file.text, life.id) ? `found in ${name}` : undefined
  if (!isAgentFile(file.text)) return undefined
  const before = withoutPromotion(file.text, life.id)
  await writeFileAtomic(join(directory, 'backups', `${life.id}.md`), before)
  await writeFileAtomic(file.path, withPromotion(file.text, life))
  return `written into ${name}`
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
