import { statSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, matchesGlob, resolve, sep } from 'node:path'
import { Slices } from './slices.ts'
import { listTree, treeOf } from './tree.ts'

/** Which files are meant, with absolute patterns. */
export interface FilePatterns {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

export interface Listing {
  /** Absolute paths, in no particular order, each once. */
  readonly paths: readonly string[]
  /** The directories in which a new file or directory could match. */
  readonly directories: readonly string[]
}

const MAGIC = /[*?[\]{}()!]/
const BRACES = /\{([^{}]*,[^{}]*)\}/

/**
 * Makes patterns absolute: `~` is the home directory, relative ones start at the working directory.
 *
 * `*`, `?`, `[…]`, `**` and brace lists are understood; names that start with a dot are matched only where the pattern
 * says so. A pattern that is the path of an existing file means that file, whatever characters it has.
 */
export function filePatterns(include: readonly string[], exclude: readonly string[]): FilePatterns {
  return { include: include.flatMap(absolute), exclude: exclude.flatMap(absolute) }
}

/**
 * Lists what matches now; a plain path is listed whether it leads to something or not. Directories that cannot be read
 * are passed over.
 */
export async function listFiles({ include, exclude }: FilePatterns, slices = new Slices()): Promise<Listing> {
  const paths = new Set<string>()
  const directories = new Set<string>()
  for (const pattern of include) {
    if (!MAGIC.test(pattern) || isFile(pattern)) {
      paths.add(pattern)
      directories.add(dirname(pattern))
      continue
    }
    const tree = treeOf(pattern)
    if (tree !== undefined) {
      const listed = await listTree(tree, slices)
      for (const path of listed.paths) paths.add(path)
      for (const directory of listed.directories) directories.add(directory)
      continue
    }
    for await (const path of glob(pattern)) {
      paths.add(path)
      directories.add(dirname(path))
    }
    const { base, deeper } = directoryPatterns(pattern)
    directories.add(base)
    for await (const entry of glob([...deeper], { withFileTypes: true })) {
      if (entry.isDirectory()) directories.add(resolve(entry.parentPath, entry.name))
    }
  }
  const kept = exclude.length === 0 ? [...paths] : [...paths].filter((path) => !matches(path, exclude))
  return { paths: kept, directories: [...directories] }
}

/** Whether something new at a path can change what {@link listFiles} finds. */
export function mayConcern(path: string, { include }: FilePatterns): boolean {
  return include.some(
    (pattern) => pattern === path || matchesGlob(path, pattern) || directoryPatterns(pattern).deeper.length > 0,
  )
}

/** @returns the directory before the first pattern segment, and patterns of the directories below it */
export function directoryPatterns(pattern: string): { readonly base: string; readonly deeper: readonly string[] } {
  const segments = pattern.split(sep)
  const directories = segments.slice(0, -1)
  const magic = directories.findIndex((segment) => MAGIC.test(segment))
  if (magic === -1) return { base: directories.join(sep) || sep, deeper: [] }
  return {
    base: directories.slice(0, magic).join(sep) || sep,
    deeper: directories.slice(magic).map((_, index) => directories.slice(0, magic + index + 1).join(sep)),
  }
}

// Braces are expanded because they may contain separators, which would hide the directories of a pattern.
function absolute(pattern: string): string[] {
  const path = resolve(pattern.replace(/^~(?=$|[/\\])/, () => homedir()))
  return isFile(path) ? [path] : expandBraces(path)
}

function expandBraces(pattern: string): string[] {
  const match = BRACES.exec(pattern)
  if (match === null) return [pattern]
  const [braces, list] = match
  const before = pattern.slice(0, match.index)
  const after = pattern.slice(match.index + braces.length)
  return (list ?? '').split(',').flatMap((word) => expandBraces(before + word + after))
}

function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => pattern === path || matchesGlob(path, pattern))
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
