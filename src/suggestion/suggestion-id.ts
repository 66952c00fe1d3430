import { hash } from 'node:crypto'

const HASH_DIGITS = 8

/** The name under which a suggestion lives on: the same for the same agent type and rule. */
export function suggestionId(agentType: string, rule: string): string {
  // Hashed as UTF-16, where lone surrogates differ.
  const text = Buffer.from(`${agentType}\u0000${rule}`, 'utf16le')
  return `opt-${hash('sha256', text).slice(0, HASH_DIGITS)}`
}
