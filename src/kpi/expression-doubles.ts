import type { ASTNode } from '@marcbachmann/cel-js'
import { walk } from './expression-tree.ts'

/** An expression in which every number is a double, and how to find a place of it in what was written. */
export interface Doubled {
  readonly text: string
  /** @returns the place in the written expression that a place in `text` comes from */
  writtenPosition(position: number): number
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Makes whole numbers doubles, as CEL itself does not: `1 / 2` is a half, `totals.prompts == 2` compares. Arguments of
 * functions and list positions stay whole numbers where CEL wants them; `size(…)` becomes a double.
 */
export function withDoubles(written: string, tree: ASTNode): Doubled {
  const edits: Edit[] = []
  walk(tree, (node, parent) => edits.push(...editsFor(node, parent)))
  edits.sort((a, b) => a.start - b.start)

  let text = ''
  let from = 0
  for (const edit of edits) {
    text += written.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return { text: text + written.slice(from), writtenPosition: (position) => writtenPosition(edits, position) }
}

function editsFor(node: ASTNode, parent: ASTNode | undefined): readonly Edit[] {
  if (node.op === 'value' && typeof node.args === 'bigint' && !wantsInteger(parent)) {
    return [{ start: node.start, end: node.end, text: doubleLiteral(Number(node.args)) }]
  }
  const isSize = (node.op === 'call' || node.op === 'rcall') && node.args[0] === 'size'
  if (!isSize) return []
  return [
    { start: node.start, end: node.start, text: 'double(' },
    { start: node.end, end: node.end, text: ')' },
  ]
}

function wantsInteger(parent: ASTNode | undefined): boolean {
  return parent?.op === 'call' || parent?.op === 'rcall' || parent?.op === '[]'
}

function doubleLiteral(value: number): string {
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function writtenPosition(edits: readonly Edit[], position: number): number {
  let shift = 0
  for (const { start, end, text } of edits) {
    const startInText = start + shift
    if (startInText >= position) break
    const grown = text.length - (end - start)
    if (position < startInText + text.length) return start
    shift += grown
  }
  return position - shift
}
