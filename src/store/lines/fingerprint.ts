import { hash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'

/** Of a file's start so many bytes are remembered, as hash. */
export const HEAD_BYTES = 256

/** Of the bytes before a position so many are remembered, as hash. */
export const TAIL_BYTES = 64

/** The same as long as it is the same file, whatever it is called. An inode that is used again is born again. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`
}

/** 96 bits of a SHA-256. */
export function fingerprint(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url').slice(0, 16)
}
