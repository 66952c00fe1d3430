import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, getCompileCacheDir } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'

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
  const cachedData = codePath === undefined ? undefined : readIfThere(codePath)
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

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
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
