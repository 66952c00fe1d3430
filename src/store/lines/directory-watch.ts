import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '#src/store/file-error.ts'

/**
 * @param path of what changed; `undefined` when the system does not say
 * @param appeared it may be new, or gone, or another one
 */
export type OnChange = (path: string | undefined, appeared: boolean) => void

/** Watches directories, not files: one watch finds appended, new and renamed files alike. */
export class DirectoryWatch {
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>()
  readonly #failed = new Map<string, string>()
  readonly #onChange: OnChange
  readonly #onFailure: (directory: string, code: string) => void

  constructor(onChange: OnChange, onFailure: (directory: string, code: string) => void) {
    this.#onChange = onChange
    this.#onFailure = onFailure
  }

  /** @param directories identity by path: one that was replaced by another is watched anew */
  watchOnly(directories: ReadonlyMap<string, string>): void {
    for (const [path, { watcher, identity }] of [...this.#watchers]) {
      if (directories.get(path) === identity) continue
      watcher.close()
      this.#watchers.delete(path)
    }
    for (const [path, identity] of directories) {
      if (!this.#watchers.has(path) && this.#failed.get(path) !== identity) this.#watch(path, identity)
    }
  }

  close(): void {
    this.watchOnly(new Map())
  }

  #watch(path: string, identity: string): void {
    try {
      const watcher = watch(path, (event, name) => {
        this.#onChange(name === null ? undefined : join(path, name), event === 'rename')
      })
      watcher.on('error', (error) => this.#fail(path, identity, error))
      this.#watchers.set(path, { watcher, identity })
    } catch (error) {
      this.#fail(path, identity, error)
    }
  }

  #fail(path: string, identity: string, error: unknown): void {
    this.#watchers.get(path)?.watcher.close()
    this.#watchers.delete(path)
    this.#failed.set(path, identity)
    this.#onFailure(path, errorCode(error))
  }
}
