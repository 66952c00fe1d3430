import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, getCompileCacheDir } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'

const WRITABLE_BY_OTHERS = 0o022

/** A script that was loaded. */
export interface CompiledScript<Exports> {
  readonly exports: Exports
  /** Keeps what V8 has compiled until now for the next process that loads it, unless such code was there already. */
  keep(): void
}

/**
 * Loads a script with the functions compiled that an earlier process used. Node's own cache has only what is compiled before a
 * file runs, so that each start would compile thousands of functions again.
 *
 * @param path a file of ASCII whose name changes with its content: a function of `module`, `require` and `__dirname` that returns
 * the exports
 * @param use what it is loaded for: each use needs other functions
 */
export function loadCompiled<Exports>(path: string, use: string): CompiledScript<Exports> {
  const directory = getCompileCacheDir()
  const codePath = directory === undefined ? undefined : join(directory, `${basename(path)}-${use}`)
  const cachedData = codePath === undefined ? undefined : readOwn(codePath)
  const script = new Script(readFileSync(path, 'latin1'), { filename: path, cachedData })
  const load: (module: object, require: NodeJS.Require, directory: string) => Exports = script.runInThisContext()
  let isKept = cachedData !== undefined && script.cachedDataRejected !== true
  return {
    exports: load({ exports: {} }, createRequire(path), dirname(path)),
    keep() {
      if (isKept || codePath === undefined) return
      isKept = true
      replaceIfPossible(codePath, script.createCachedData())
    },
  }
}

/** What we kept there: V8 runs what it reads, and others may write to the folder for temporary files. */
function readOwn(path: string): Buffer | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const { uid, mode } = fstatSync(descriptor)
    const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & WRITABLE_BY_OTHERS) === 0)
    return isOurs ? readFileSync(descriptor) : undefined
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** As a whole, also when the power fails: V8 believes what it reads. Where it cannot be written, all goes on without. */
function replaceIfPossible(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}`
  try {
    const descriptor = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(descriptor, bytes)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
  } catch {
    rmSync(temporary, { force: true })
  }
}
