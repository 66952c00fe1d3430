import { type Dirent, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { Slices } from './slices.ts'

const MAGIC = /[*?[\]{}()!]/
/** Names with nothing but these are compared here. */
const PLAIN_NAME = /^[^[\]{}()!\\]+$/

/** All files of a name in one directory, or at any depth below it. */
export interface Tree {
  readonly base: string
  readonly name: RegExp
  readonly isDeep: boolean
}

/** @returns `undefined` when the pattern has more than a path, two stars perhaps, and a name */
export function treeOf(pattern: string): Tree | undefined {
  const segments = pattern.split(sep)
  const name = segments.pop() ?? ''
  const isDeep = segments.at(-1) === '**'
  if (isDeep) segments.pop()
  if (name === '**' || !PLAIN_NAME.test(name) || segments.some((segment) => MAGIC.test(segment))) return undefined
  const source = name
    .replaceAll(/[.+^$|]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  // As in the shell, names that begin with a dot are not meant by a pattern that does not.
  const start = /^[*?]/.test(name) ? '(?!\\.)' : ''
  return { base: segments.join(sep) || sep, name: new RegExp(`^${start}${source}$`, 's'), isDeep }
}

/**
 * Lists a tree, several times faster than the general way: a year of transcripts has thousands of directories, and the general
 * way takes long to load. Links to directories are not followed; directories that cannot be read are passed over.
 */
export async function listTree(
  { base, name, isDeep }: Tree,
  slices = new Slices(),
): Promise<{ readonly paths: string[]; readonly directories: string[] }> {
  const paths: string[] = []
  const directories = [base]
  for (const directory of directories) {
    for (const entry of entriesOf(directory)) {
      if (isDeep && entry.isDirectory() && !entry.name.startsWith('.')) directories.push(join(directory, entry.name))
      if (name.test(entry.name)) paths.push(join(directory, entry.name))
    }
    if (slices.over) await slices.pause()
  }
  return { paths, directories }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}
