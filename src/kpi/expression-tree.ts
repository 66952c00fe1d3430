import type { ASTNode } from '@marcbachmann/cel-js'

/** Calls a visitor for a node and everything below it, parents first. */
export function walk(node: ASTNode, visit: (node: ASTNode, parent: ASTNode | undefined) => void): void {
  visitBelow(node, undefined, visit)
}

/** @returns the key of an access whose key is written out: `a.key` or `a["key"]` */
export function writtenKey(node: ASTNode): { readonly base: ASTNode; readonly key: string } | undefined {
  if (node.op === '.') return { base: node.args[0], key: node.args[1] }
  if (node.op !== '[]') return undefined
  const [base, index] = node.args
  return index.op === 'value' && typeof index.args === 'string' ? { base, key: index.args } : undefined
}

/** @returns the nodes directly below a node */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    default:
      return node.args
  }
}

function visitBelow(
  node: ASTNode,
  parent: ASTNode | undefined,
  visit: (node: ASTNode, parent: ASTNode | undefined) => void,
): void {
  visit(node, parent)
  for (const child of childrenOf(node)) visitBelow(child, node, visit)
}
