import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeFileAtomic } from '#src/store/atomic-file.ts'
import { errorCode, fileError } from '#src/store/file-error.ts'
import { agentNameIn, isPromotedIn, sectionOf, withoutPromotion, withPromotion } from '#src/suggestion/agent-file.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { agentPath } from './agent-path.ts'
import type { Config } from './config.ts'

export interface PromotionSettings extends Pick<Config, 'promote' | 'agents_directory'> {
  /** Where proposals and backups are written. */
  readonly directory: string
}

/** Why a suggestion counts as promoted, or why it was not put into the file of its agent. */
export type Promotion = { readonly reason: string } | Unwritten

interface Unwritten {
  readonly why: string
}

/** What is proposed for the agent's file. */
export function proposalPath(directory: string, id: string): string {
  return join(directory, 'proposals', `${id}.md`)
}

/**
 * Writes a proven suggestion down, and into the file of its agent where that is wanted. Where a person put it there, it is
 * promoted, too.
 *
 * @returns `undefined` where it is only proposed
 */
export async function promote(life: SuggestionLife, settings: PromotionSettings): Promise<Promotion | undefined> {
  const { directory, promote: mode, agents_directory: agents } = settings
  await writeFileAtomic(proposalPath(directory, life.id), sectionOf(life))
  const file = await readAgentFile(life, agents)
  if (mode === 'propose') {
    if ('why' in file || !isPromotedIn(file.text, life.id)) return undefined
    return { reason: `found in ${basename(file.path)}` }
  }
  if ('why' in file) return file
  const name = agentNameIn(file.text)
  if (name === undefined) return { why: `${basename(file.path)} has no front matter with a name` }
  if (name !== life.agentType) return { why: `${basename(file.path)} is the file of another agent, by its name` }
  const before = withoutPromotion(file.text, life.id)
  await writeFileAtomic(join(directory, 'backups', `${life.id}.md`), before)
  await writeFileAtomic(file.path, withPromotion(file.text, life))
  return { reason: `written into ${basename(file.path)}` }
}

/**
 * Takes a suggestion out of its agent's file; what else was changed there stays.
 *
 * @returns the file as it was before
 */
export async function revert(
  life: SuggestionLife,
  { agents_directory }: Pick<Config, 'agents_directory'>,
): Promise<AgentFile | Unwritten> {
  const file = await readAgentFile(life, agents_directory)
  if ('why' in file) return file
  const text = withoutPromotion(file.text, life.id)
  if (text === file.text) return { why: `${basename(file.path)} does not have its lines` }
  await writeFileAtomic(file.path, text)
  return file
}

interface AgentFile {
  readonly path: string
  readonly text: string
}

async function readAgentFile(
  { agentType }: SuggestionLife,
  directory: string | undefined,
): Promise<AgentFile | Unwritten> {
  if (directory === undefined) return { why: 'agents_directory is not set' }
  const path = agentPath(agentType, directory)
  if (path === undefined) return { why: `the agent's name is no file name` }
  const missing = { why: `there is no file ${basename(path)}` }
  try {
    if (!(await stat(path)).isFile()) return missing
    // A link stays one.
    const target = await realpath(path)
    return { path: target, text: await readFile(target, 'utf8') }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return missing
    throw fileError('Cannot read', path, error)
  }
}
