import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

/** Where genuine payloads lie that are not part of this repository: beside it, or where the variable says. */
export const CAPTURES = process.env.AGENTPERF_CAPTURES ?? resolve(import.meta.dirname, '../../../shared/data')

export const HAVE_CAPTURES = existsSync(CAPTURES)

const read = new Set<string>()

/** A capture's text; counted as checked. */
export function capture(name: string): string {
  read.add(name)
  return readFileSync(join(CAPTURES, name), 'utf8')
}

/** Says how many captures a suite checked, or that there were none. */
export function reportCaptures(suite: string): void {
  console.log(
    HAVE_CAPTURES ? `${suite}: ${read.size} captures checked` : `${suite}: SKIPPED, no captures at ${CAPTURES}`,
  )
}

/** A capture of bytes; counted as checked. */
export function captureBytes(name: string): Buffer {
  read.add(name)
  return readFileSync(join(CAPTURES, name))
}

/** Names of the captures below a folder whose path matches. */
export function capturesIn(folder: string, pattern: RegExp): string[] {
  if (!HAVE_CAPTURES) return []
  return readdirSync(join(CAPTURES, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(CAPTURES, join(entry.parentPath, entry.name)))
    .filter((name) => pattern.test(name))
    .toSorted()
}
