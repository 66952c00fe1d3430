import type * as z from 'zod'
import { type ConfigNode, nodeAt, type Path, type ScalarNode, scalarsOf, toValue } from './node.ts'
import type { Problem } from './problem.ts'
import { markUnwritten, type SchemaIssue, schemaProblems } from './schema-problems.ts'

/** What a schema made of a part of the configuration: a value, or what is wrong with it. */
export type ParsedBody<T> = { readonly value: T } | { readonly problems: readonly Problem[] }

/**
 * Reads the part at a path with a schema; nothing there, or null, stands for `{}`, so for all defaults.
 *
 * A value that is one `${env:…}` is tried as YAML would type it, then as text.
 */
export function parseBody<T>(schema: z.ZodType<T>, root: ConfigNode, path: Path): ParsedBody<T> {
  const found = nodeAt(root, path)
  const body: ConfigNode =
    found === undefined || (found.kind === 'scalar' && found.value === null)
      ? { kind: 'map', location: root.location, entries: new Map() }
      : found
  const texts = new Set<ScalarNode>()
  const parse = () =>
    schema.safeParse(
      toValue(body, (node) => readScalar(node, texts)),
      // A configuration is read once: compiling its schemas to JavaScript, as zod does, takes longer than that.
      { error: markUnwritten, jitless: true },
    )
  let result = parse()
  for (const [at, node] of scalarsOf(body)) {
    if (result.success) break
    if (!isTypedExpansion(node)) continue
    texts.add(node)
    const retried = parse()
    if (retried.success || isBetter(retried.error.issues, result.error.issues, at)) result = retried
    else texts.delete(node)
  }
  return result.success ? { value: result.data } : { problems: schemaProblems(result.error.issues, root, path) }
}

function readScalar(node: ScalarNode, texts: ReadonlySet<ScalarNode>): unknown {
  return texts.has(node) ? node.expansion?.text : node.value
}

function isTypedExpansion({ value, expansion }: ScalarNode): boolean {
  return expansion !== undefined && typeof value !== 'string'
}

function isBetter(retried: readonly SchemaIssue[], before: readonly SchemaIssue[], at: Path): boolean {
  const isHere = ({ path }: SchemaIssue) => path.length === at.length && path.every((step, i) => step === at[i])
  return before.some(isHere) ? !retried.some(isHere) : retried.length < before.length
}
