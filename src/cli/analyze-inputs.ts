import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { gunzipSync, constants as zlib } from 'node:zlib'
import { isTranscript, TELLING_BYTES } from '#receivers/transcripts/is-transcript.ts'
import { EnvironmentError } from '#src/errors.ts'
import { filePatterns, listFiles } from '#src/store/lines/globs.ts'
import { startOfBytes } from '#src/store/small-file.ts'

/** Files by what reads them. */
export interface Inputs {
  readonly telemetry: readonly string[]
  readonly transcripts: readonly string[]
}

/**
 * Finds out what files are, by what stands in them; of folders all `*.jsonl` files, compressed or not, at any depth.
 *
 * @throws EnvironmentError when there is no such file
 */
export async function inputsOf(files: readonly string[], cwd: string): Promise<Inputs> {
  const paths = (await Promise.all(files.map((file) => filesAt(resolve(cwd, file))))).flat()
  const byKind = Map.groupBy(new Set(paths), (path) => (isTranscript(startOf(path)) ? 'transcripts' : 'telemetry'))
  return { telemetry: byKind.get('telemetry') ?? [], transcripts: byKind.get('transcripts') ?? [] }
}

async function filesAt(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
  } catch {
    throw new EnvironmentError(`expected a file or a folder, found nothing at ${path}`)
  }
  const pattern = join(path, '**/*.jsonl{,.gz}')
  const { paths } = await listFiles(filePatterns([pattern], []))
  // That nothing is there is told by the receiver that looks for it.
  return paths.length === 0 ? [pattern] : paths
}

/** Files that cannot be read are named by the receiver that tries. */
function startOf(path: string): string {
  const bytes = startOfBytes(path, TELLING_BYTES)
  if (bytes === undefined) return ''
  if (!path.endsWith('.gz')) return bytes.toString('utf8')
  try {
    // The rest of the file is missing here.
    return gunzipSync(bytes, { finishFlush: zlib.Z_SYNC_FLUSH }).toString('utf8', 0, TELLING_BYTES)
  } catch {
    return ''
  }
}
