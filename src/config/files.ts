import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigError, type ConfigIssue } from '#src/errors.ts'
import type { ConfigSource } from './config.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'nothing there: check the path, or name another file with --config',
  EISDIR: 'a directory: name the file in it',
  EACCES: 'no permission to read it: check its owner and mode',
}

/**
 * Reads configuration files.
 *
 * @param files paths, relative ones to `cwd`; issues show them as they are
 * @throws ConfigError naming every file that cannot be read
 */
export async function readSources(files: readonly string[], cwd: string): Promise<readonly ConfigSource[]> {
  const results = await Promise.all(files.map((file) => readSource(file, cwd)))
  const issues = results.flatMap((result) => ('message' in result ? [result] : []))
  if (issues.length > 0) throw new ConfigError(issues)
  return results.flatMap((result) => ('text' in result ? [result] : []))
}

async function readSource(file: string, cwd: string): Promise<ConfigSource | ConfigIssue> {
  try {
    const text = await readFile(resolve(cwd, file), 'utf8')
    return { file, text: text.replace(/^\uFEFF/, '') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error'
    const message = `expected a configuration file, got ${REASONS[code] ?? code}`
    return { location: { file }, path: '(file)', message }
  }
}
