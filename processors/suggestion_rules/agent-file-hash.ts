import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { agentPath } from './agent-path.ts'

const HASH_CHARACTERS = 16
/** Agents are told what is in their file: a larger one is none. */
const MAX_BYTES = 1024 * 1024

interface Known {
  /** Another one when the file was written. */
  readonly version: string
  readonly hash: string
}

/** Which version of their own file agents had, by its hash: of what is in it nothing is kept. */
export class AgentFileHashes {
  readonly #directory: string | undefined
  /** By path. */
  readonly #known = new Map<string, Known>()

  /** @param directory of `{agent-type}.md` */
  constructor(directory: string | undefined) {
    this.#directory = directory
  }

  /**
   * The hash of the file that a session had.
   *
   * @param startedMs when the session began
   * @returns `undefined` where there is no file, or it was changed since: what was in it before is not known
   */
  of(agentType: string, startedMs: number): string | undefined {
    const path = agentPath(agentType, this.#directory)
    if (path === undefined) return undefined
    try {
      // The time of modification can be set back, as archives do; the other one cannot.
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
      if (stats === undefined) return undefined
      const { mtimeMs, ctimeMs, ctimeNs, size, ino } = stats
      if (!stats.isFile() || Math.max(Number(mtimeMs), Number(ctimeMs)) > startedMs || size > MAX_BYTES)
        return undefined
      const version = `${ctimeNs}:${size}:${ino}`
      const known = this.#known.get(path)
      if (known?.version === version) return known.hash
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, HASH_CHARACTERS)
      this.#known.set(path, { version, hash })
      return hash
    } catch {
      return undefined
    }
  }
}
