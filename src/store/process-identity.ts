import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { errorCode } from './file-error.ts'

/** Field 22 of `/proc/<pid>/stat`, counted from the one after the command name. */
const START_TIME_FIELD = 19

/** Whether a process with this id runs here, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/**
 * What tells a process from a later one with the same id: the boot and its start in clock ticks since then.
 *
 * @returns `undefined` where there is no `/proc`, or no such process
 */
export function processStart(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`)
  // The command name stands in parentheses and may itself hold spaces and parentheses.
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD]
  return ticks === undefined ? undefined : `${readText('/proc/sys/kernel/random/boot_id')?.trim()}:${ticks}`
}

/** Where process ids mean something: the host, and the container where there is one. */
export function processSpace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
