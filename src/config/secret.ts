import type { Json } from '#src/store/store.ts'
import { type ConfigNode, nodeAt, type Path, type ScalarNode, scalarsOf } from './node.ts'

const SECRET_KEY = /key|token|secret|password|authorization|headers/i
export const REDACTED = '[REDACTED]'
/** Of a URL, as in `http://ada:hunter2@host`. */
const CREDENTIALS = /\/\/[^/\s]*@/g

/** Whether values under a key of this name must not be shown. */
export function isSecretKey(key: string | number): boolean {
  return typeof key === 'string' && SECRET_KEY.test(key)
}

/** A URL as it may be shown: without the name and password that it may hold. */
export function withoutCredentials(url: string): string {
  return url.replace(CREDENTIALS, `//${REDACTED}@`)
}

/**
 * The tree as it may be shown: values from the environment as `${env:NAME}`, and below keys that name a secret every
 * text, and a number that is their own value, as `[REDACTED]`; so are name and password in a URL.
 */
export function redacted(node: ConfigNode, below: 'open' | 'direct' | 'deep' = 'open'): Json {
  if (node.kind === 'list') return node.items.map((item) => redacted(item, below === 'open' ? 'open' : 'deep'))
  if (node.kind === 'scalar') return redactedScalar(node, below)
  const entries = [...node.entries].map(([key, { value }]): [string, Json] => {
    const inner = below === 'open' ? 'open' : 'deep'
    return [key, redacted(value, isSecretKey(key) ? 'direct' : inner)]
  })
  return Object.fromEntries(entries)
}

/** What a message says instead of a value, without showing a secret. */
export function describeFound(root: ConfigNode, path: Path): string {
  const node = nodeAt(root, path)
  if (node === undefined) return 'nothing'
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map'
  const origin = describeOrigin(node)
  if (origin !== undefined) return origin
  const { value } = node
  if (value === null) return 'nothing'
  const secret = path.some(isSecretKey)
  if (typeof value !== 'string') return secret ? `a ${typeof value}` : String(value)
  if (secret) return `a text of ${value.length} characters`
  const text = withoutCredentials(value)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** Whether a message may quote the value at the path. */
export function mayQuote(root: ConfigNode, path: Path): boolean {
  const node = nodeAt(root, path)
  return node?.kind === 'scalar' && describeOrigin(node) === undefined && !path.some(isSecretKey)
}

/** Takes secrets out of a text that somebody else wrote about the values at or below a path. */
export function scrub(message: string, root: ConfigNode, path: Path): string {
  const about = nodeAt(root, path)
  const scope = about === undefined ? [] : path
  const secrets = [...scalarsOf(about ?? root, scope)]
    .flatMap(([at, node]) => {
      const shown = describeOrigin(node) ?? (at.some(isSecretKey) ? REDACTED : undefined)
      return shown === undefined ? [] : textsOf(node).map((text) => ({ text, shown }))
    })
    .toSorted((a, b) => b.text.length - a.text.length)
  return secrets.reduce((text, secret) => replaceText(text, secret.text, secret.shown), message)
}

function redactedScalar(node: ScalarNode, below: 'open' | 'direct' | 'deep'): Json {
  const { value, expansion } = node
  const shown = expansion === undefined || expansion.variables.length === 0 ? value : expansion.masked
  if (typeof shown === 'string') return below === 'open' || shown === '' ? withoutCredentials(shown) : REDACTED
  return below === 'direct' && typeof shown === 'number' ? REDACTED : shown
}

function describeOrigin({ expansion }: ScalarNode): string | undefined {
  if (expansion === undefined || expansion.variables.length === 0) return undefined
  return `a value from ${expansion.variables.map((name) => `\${env:${name}}`).join(' and ')}`
}

// As it was written and as it was read: 9e4 and 90000.
function textsOf({ value, expansion }: ScalarNode): readonly string[] {
  const texts = [expansion?.text ?? '', value === null ? '' : String(value)]
  return texts.filter((text, i) => text !== '' && texts.indexOf(text) === i)
}

// Quoted or not; a short value only where it is a word of its own.
function replaceText(message: string, secret: string, shown: string): string {
  const quoted = JSON.stringify(secret)
  const unquoted =
    secret.length >= 4 ? secret : new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(secret)}(?![\\p{L}\\p{N}])`, 'gu')
  return message.replaceAll(quoted, shown).replaceAll(unquoted, shown)
}
