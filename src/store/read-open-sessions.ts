import { ByteFile } from './byte-file.ts'
import { readCheckpoint } from './checkpoint.ts'
import { layoutOf } from './layout.ts'
import { segmentPath } from './session-log.ts'
import { scanRecords } from './session-scan.ts'

/** A session that has not ended. */
export interface OpenSession {
  readonly sessionId: string
  readonly startMs: number
  /** When something was last heard of it. */
  readonly lastMs: number
}

/**
 * Sessions that had not ended at the last checkpoint, which is some seconds old while agentperf runs; the one last heard of
 * first. Reads without a lock, so that a part that another process is just replacing is left out.
 */
export async function readOpenSessions(directory: string): Promise<readonly OpenSession[]> {
  const { checkpoint: path, stateDirectory } = layoutOf(directory)
  const checkpoint = await readCheckpoint(path)
  if (typeof checkpoint === 'string') return []
  const open = new Map<string, OpenSession>()
  for (const { segment, length } of checkpoint.session_log) {
    const file = ByteFile.openReadOnly(segmentPath(stateDirectory, segment))
    if (file === undefined) continue
    try {
      scanRecords(file, length, ({ id, meta }) => {
        if (meta?.phase === 'open') open.set(id, { sessionId: id, startMs: meta.startMs, lastMs: meta.endMs })
        else open.delete(id)
      })
    } finally {
      file.close()
    }
  }
  return [...open.values()].sort((a, b) => b.lastMs - a.lastMs)
}
