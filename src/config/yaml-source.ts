import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import type { Location } from '#src/errors.ts'
import type { ConfigSource } from './config.ts'
import type { ConfigNode, MapEntry, MapNode, Path } from './node.ts'
import type { Problem } from './problem.ts'

/** What could be read of a text. */
export interface ParsedSource<N extends ConfigNode = ConfigNode> {
  readonly root: N
  readonly problems: readonly Problem[]
  /** From here on the text may have been misread. */
  readonly brokenAt: Location | undefined
}

// Aliases can make a small text mean a huge tree.
const MAX_NODES = 20_000
const MAX_DEPTH = 100

// After one of these the rest of the text is read as it was meant.
const HARMLESS = new Set(['TAG_RESOLVE_FAILED', 'BAD_SCALAR_START', 'BAD_DQ_ESCAPE'])

/** Reads one YAML text whose root must be a map. Mistakes are problems, never exceptions. */
export function parseSource({ file, text }: ConfigSource): ParsedSource<MapNode> {
  const parsed = parseYaml(text, (line, column) => ({ file, line, column }), [])
  const { root } = parsed
  if (root.kind === 'map') return { ...parsed, root }
  const empty: MapNode = { kind: 'map', location: root.location, entries: new Map() }
  if (root.kind === 'scalar' && root.value === null) return { ...parsed, root: empty }
  const message = `expected a map with receivers, processors, exporters and service, got ${root.kind === 'list' ? 'a list' : 'a single value'}`
  const problem = { location: root.location, path: [], message }
  return { root: empty, problems: [...parsed.problems, problem], brokenAt: root.location }
}

/** Reads any YAML value; `path` is where it goes. */
export function parseYaml(
  text: string,
  locationOf: (line: number, column: number) => Location,
  path: Path,
): ParsedSource {
  const lines = new LineCounter()
  const locate = (offset: number): Location => {
    const { line, col } = lines.linePos(offset)
    return locationOf(Math.max(line, 1), Math.max(col, 1))
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const found = relevantErrors([...document.errors, ...document.warnings])
  const problems = found.map((error) => ({ location: locate(error.pos[0]), path, message: describe(error, text) }))
  const broken = found.find((error) => !HARMLESS.has(error.code))
  const reader = new NodeReader(document, locate)
  const root = reader.read(document.contents, path, 0)
  return { root, problems: [...problems, ...reader.problems], brokenAt: broken && locate(broken.pos[0]) }
}

// One mistake makes the parser stumble several times: tell the first of each place, and no leftovers.
function relevantErrors(errors: readonly YAMLError[]): readonly YAMLError[] {
  const relevant: YAMLError[] = []
  for (const error of errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const broken = relevant.some(({ code }) => !HARMLESS.has(code))
    if (!broken || HARMLESS.has(error.code) || error.code === 'TAB_AS_INDENT') relevant.push(error)
  }
  return relevant
}

function describe({ code, pos, message }: YAMLError, text: string): string {
  const [start, end] = pos
  if (code === 'TAB_AS_INDENT') return 'expected spaces as indentation, got a tab'
  if (code === 'TAG_RESOLVE_FAILED') return `expected no tags, got ${text.slice(start, Math.min(end, start + 40))}`
  if (code === 'MULTIPLE_DOCS') return 'expected one YAML document, got a second one after ---'
  if (text.slice(start - 1, start + 1) === '${')
    return `expected quotes around text with \${…} inside { } or [ ], got none`
  // The parser quotes what it stumbled over, which may be a secret.
  const reason = (message.split('\n')[0] ?? message).replace(/: ".*$/, '')
  return `expected valid YAML, got: ${reason}`
}

class NodeReader {
  readonly problems: Problem[] = []
  readonly #document: Document.Parsed
  readonly #locate: (offset: number) => Location
  readonly #resolving = new Set<Node>()
  #nodes = 0

  constructor(document: Document.Parsed, locate: (offset: number) => Location) {
    this.#document = document
    this.#locate = locate
  }

  read(node: Node | ParsedNode | null | undefined, path: Path, depth: number): ConfigNode {
    const location = this.#locate(node?.range?.[0] ?? 0)
    if (++this.#nodes > MAX_NODES || depth > MAX_DEPTH) return this.#refuse(location, path)
    if (isAlias(node)) return this.#readAlias(node.resolve(this.#document), node.source, location, path, depth)
    if (isMap(node)) return { kind: 'map', location, entries: this.#readEntries(node, path, depth) }
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.read(asNode(item), [...path, i], depth + 1))
      return { kind: 'list', location, items }
    }
    return { kind: 'scalar', location, value: isScalar(node) ? scalarValue(node.value) : null }
  }

  #readAlias(target: Node | undefined, name: string, location: Location, path: Path, depth: number): ConfigNode {
    if (target === undefined || this.#resolving.has(target)) {
      const found = target === undefined ? 'none' : 'one around it'
      this.problems.push({ location, path, message: `expected an anchor &${name} before *${name}, got ${found}` })
      return { kind: 'scalar', location, value: null }
    }
    this.#resolving.add(target)
    const read = this.read(target, path, depth + 1)
    this.#resolving.delete(target)
    return { ...read, location }
  }

  #readEntries(map: YAMLMap, path: Path, depth: number): ReadonlyMap<string, MapEntry> {
    const entries = new Map<string, MapEntry>()
    for (const { key, value } of map.items) {
      const keyNode = asNode(key)
      const keyLocation = this.#locate(keyNode?.range?.[0] ?? 0)
      if (!isScalar(keyNode) || keyNode.value === null) {
        this.problems.push({ location: keyLocation, path, message: 'expected a word as key, got something else' })
        continue
      }
      const name = String(keyNode.value)
      if (entries.has(name)) {
        const message = `expected each key once, got ${JSON.stringify(name)} a second time`
        this.problems.push({ location: keyLocation, path: [...path, name], message })
      }
      const valueNode = asNode(value)
      const read = this.read(valueNode, [...path, name], depth + 1)
      entries.set(name, { keyLocation, value: valueNode === undefined ? { ...read, location: keyLocation } : read })
    }
    return entries
  }

  #refuse(location: Location, deepPath: Path): ConfigNode {
    const path = deepPath.slice(0, 3)
    const message = `expected at most ${MAX_NODES} values, at most ${MAX_DEPTH} deep, got more`
    if (!this.problems.some((problem) => problem.message === message)) this.problems.push({ location, path, message })
    return { kind: 'scalar', location, value: null }
  }
}

function asNode(value: unknown): Node | undefined {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : undefined
}

function scalarValue(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}
