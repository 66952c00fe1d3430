import { chmod, lstat, mkdtemp, rename, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { EnvironmentError } from '#src/errors.ts'

/** Only the user who runs agentperf may send. */
const MODE = 0o600

/** A unix socket that a server listens on. */
export interface UnixSocket {
  /** Removes its file, unless it has become another's. */
  remove(): Promise<void>
}

/**
 * Makes a server listen on a unix socket.
 *
 * It is made in a folder that nobody else may enter and then moved to its place: at no moment can others connect, and a
 * file that an earlier run left behind is replaced and not missing in between.
 *
 * @param configPath where the user changes the path, for the message
 * @throws EnvironmentError when the path is in use, is no socket, or cannot be written
 */
export async function listenOnUnixSocket(
  server: FastifyInstance,
  path: string,
  configPath: string,
): Promise<UnixSocket> {
  await refuseIfTaken(path, configPath)
  const folder = await mkdtemp(join(dirname(path), '.')).catch((error: unknown) => {
    throw cannotListen(path, configPath, error)
  })
  try {
    const made = join(folder, 's')
    await server.listen({ path: made })
    await chmod(made, MODE)
    await rename(made, path)
  } catch (error) {
    throw cannotListen(path, configPath, error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const { ino } = await lstat(path)
  return {
    async remove() {
      const now = await lstat(path).catch(() => undefined)
      if (now?.ino === ino) await rm(path, { force: true })
    },
  }
}

async function refuseIfTaken(path: string, configPath: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  const choose = `choose another with --set ${configPath}=unix:<path>`
  if (!found.isSocket()) {
    throw new EnvironmentError(
      `cannot listen on unix:${path}: a file that is no socket is there. Move it, or ${choose}.`,
    )
  }
  if (await answers(path)) {
    throw new EnvironmentError(
      `cannot listen on unix:${path}: the socket is taken by another process. Stop it, or ${choose}.`,
    )
  }
}

/** Whether a process listens there. Anything but a refusal counts as one: its socket must not be taken away. */
function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ path })
  socket.once('connect', () => resolve(true))
  socket.once('error', (error) => resolve(!('code' in error && error.code === 'ECONNREFUSED')))
  return promise.finally(() => socket.destroy())
}

function cannotListen(path: string, configPath: string, error: unknown): EnvironmentError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new EnvironmentError(
    `cannot listen on unix:${path} (${code}). Choose another with --set ${configPath}=unix:<path>.`,
    { cause: error },
  )
}
