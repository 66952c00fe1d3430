import { hash } from 'node:crypto'
import type { Attributes } from '../model/telemetry.ts'

/**
 * A digest that is the same for the same attributes in the same order. Keys are kept on disk, and attributes may hold
 * prompts and mail addresses: the digest tells nothing of them.
 */
export function attributesKey(attributes: Attributes): string {
  const text = JSON.stringify(attributes, (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH)
}

/** 22 characters are 132 bits. */
const DIGEST_LENGTH = 22
