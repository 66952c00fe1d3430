import type { ASTNode } from '@marcbachmann/cel-js'
import { closestName } from './closest-name.ts'
import { childrenOf, walk, writtenKey } from './expression-tree.ts'
import { celNames, mapsOf, TOOL_FIELDS, type Vocabulary } from './vocabulary.ts'

/** CEL's loops over a list or map. */
const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** So many names are listed where none is close. */
const MAX_LISTED = 5

/** @returns the first name below a map that does not exist, in words; `undefined` when all do */
export function unknownNameIn(tree: ASTNode, vocabulary: Vocabulary): string | undefined {
  const maps = mapsOf(vocabulary)
  let problem: string | undefined
  walk(tree, (node) => {
    const access = writtenKey(node)
    if (access === undefined) return
    const { base, key } = access
    const known = base.op === 'id' ? ownKeys(maps, base.args) : isTool(base) ? TOOL_FIELDS : undefined
    if (known === undefined || known.includes(key)) return
    const path = textOf(base)
    problem ??= `${path}.${key} is unknown${hint(key, known, path)}`
  })
  return problem
}

/** @returns what somebody who wrote `name` may have meant, in words; empty when nothing is close */
export function suggestionFor(name: string, vocabulary: Vocabulary): string {
  const paths = new Map<string, string>()
  for (const { name: path } of celNames(vocabulary)) {
    const last = path.slice(path.lastIndexOf('.') + 1)
    if (!paths.has(last)) paths.set(last, path)
    paths.set(path, path)
  }
  const closest = closestName(name, [...paths.keys(), ...Object.keys(mapsOf(vocabulary)), 'tools'])
  return closest === undefined ? '' : ` (did you mean ${paths.get(closest) ?? closest}?)`
}

/** @returns whether a loop runs inside another: its work grows with the number of tools to the power of the depth */
export function hasNestedLoops(tree: ASTNode): boolean {
  return loopDepth(tree) > 1
}

function loopDepth(node: ASTNode): number {
  const below = Math.max(0, ...childrenOf(node).map(loopDepth))
  return node.op === 'rcall' && LOOPS.has(node.args[0]) ? below + 1 : below
}

function isTool(node: ASTNode): boolean {
  if (node.op !== '.' && node.op !== '[]') return false
  const [base] = node.args
  return base.op === 'id' && base.args === 'tools'
}

function ownKeys(maps: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] | undefined {
  return Object.hasOwn(maps, name) ? maps[name] : undefined
}

function textOf({ input, start, end }: ASTNode): string {
  return input.slice(start, end)
}

function hint(key: string, known: readonly string[], path: string): string {
  const closest = closestName(key, known)
  if (closest !== undefined) return ` (did you mean ${path}.${closest}?)`
  return known.length <= MAX_LISTED ? ` (known: ${known.join(', ')})` : ''
}
