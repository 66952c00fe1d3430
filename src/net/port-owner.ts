import { readdir, readFile, readlink } from 'node:fs/promises'

const LISTENING = '0A'

/**
 * Names the process that listens on a TCP port of this machine, as far as /proc tells.
 *
 * @returns as `node (pid 4711)`, or `undefined` where it cannot be found out
 */
export async function portOwner(port: number): Promise<string | undefined> {
  try {
    const inode = await listeningInode(port)
    return inode === undefined ? undefined : await ownerOf(inode)
  } catch {
    // No /proc: not Linux.
    return undefined
  }
}

async function listeningInode(port: number): Promise<string | undefined> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8')).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(suffix) && fields[3] === LISTENING) return fields[9]
    }
  }
  return undefined
}

async function ownerOf(inode: string): Promise<string | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    if (await holdsSocket(pid, inode)) {
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim()
      return `${name} (pid ${pid})`
    }
  }
  return undefined
}

async function holdsSocket(pid: string, inode: string): Promise<boolean> {
  try {
    for (const fd of await readdir(`/proc/${pid}/fd`)) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`)) === `socket:[${inode}]`) return true
    }
  } catch {
    // Ended meanwhile, or another user's.
  }
  return false
}
