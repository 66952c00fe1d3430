import type { Location } from '#src/errors.ts'
import type { ConfigNode, MapNode } from './node.ts'
import type { Problem } from './problem.ts'
import { parseYaml } from './yaml-source.ts'

const STEP = /"([^"]*)"|([^."]+)/y

/**
 * Reads one `--set a.b.c=value`. The value is YAML, nothing is the empty text; a key that has a dot itself stands in double quotes.
 *
 * @returns the assignment as a map to merge over the files
 */
export function parseSetOption(assignment: string): { root: MapNode; problems: readonly Problem[] } {
  const equals = assignment.indexOf('=')
  const target = targetOf(assignment)
  const location = locationOfSet(assignment)
  const empty: MapNode = { kind: 'map', location, entries: new Map() }
  const path = splitPath(target)
  if (equals === -1 || path === undefined) {
    const found = equals === -1 ? 'no =' : `the path ${JSON.stringify(target)}`
    return { root: empty, problems: [{ location, path: path ?? [], message: `expected a.b.c=value, got ${found}` }] }
  }
  // Nothing behind the = is the empty text, not YAML's null, which would mean the default.
  const value = equals === assignment.length - 1 ? '""' : assignment.slice(equals + 1)
  const { root, problems } = parseYaml(value, () => location, path)
  const nested = path.reduceRight<ConfigNode>(
    (value, key) => ({ kind: 'map', location, entries: new Map([[key, { keyLocation: location, value }]]) }),
    root,
  )
  return { root: nested.kind === 'map' ? nested : empty, problems }
}

/** Where the problems of an assignment are said to be. */
export function locationOfSet(assignment: string): Location {
  return { file: `--set ${targetOf(assignment)}` }
}

// Without a = nobody knows where the value begins, and it may be a secret.
function targetOf(assignment: string): string {
  const equals = assignment.indexOf('=')
  return equals === -1 ? (/^[\w./"-]*/.exec(assignment)?.[0] ?? '') : assignment.slice(0, equals)
}

function splitPath(text: string): readonly string[] | undefined {
  const steps: string[] = []
  for (let at = 0; ; at++) {
    STEP.lastIndex = at
    const match = STEP.exec(text)
    if (match === null) return undefined
    steps.push(match[1] ?? match[2] ?? '')
    at = STEP.lastIndex
    if (at === text.length) return steps
    if (text[at] !== '.') return undefined
  }
}
