import { openStore } from '#src/store/open-store.ts'
import type { SessionMeta, StateCodec } from '#src/store/store.ts'

const codec: StateCodec<SessionMeta> = {
  encode: (meta) => JSON.stringify(meta),
  decode: (text) => JSON.parse(text),
  meta: (meta) => meta,
  close() {},
}

/** Leaves sessions in a storage directory as a processor does: those that begin with `closed` have ended. */
export async function leaveSessions(directory: string, ids: readonly string[], lastMs: number): Promise<void> {
  const store = await openStore({ directory, mode: 'write', nowMs: () => lastMs })
  const states = store.sessionStates('test', codec)
  for (const id of ids) {
    const phase = id.startsWith('closed') ? 'closed' : 'open'
    states.create(id, { phase, startMs: lastMs - 60_000, endMs: lastMs, endSignalled: false })
  }
  await store.close()
}
