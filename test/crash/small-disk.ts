import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'vitest'

/** A disk of its own in memory, which can be filled. */
export class SmallDisk {
  readonly path: string
  /** False where nobody may mount one. */
  readonly mounted: boolean
  readonly #ballast: string

  /** @param place the folder in which it is mounted */
  constructor(place: string, bytes: number) {
    this.path = join(place, 'disk')
    this.#ballast = join(this.path, 'ballast')
    mkdirSync(this.path, { recursive: true })
    this.mounted = mount(this.path, bytes)
  }

  /** Takes all room but this. */
  fill(freeBytes: number): void {
    const { bavail, bsize } = statfsSync(this.path)
    writeFileSync(this.#ballast, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)))
  }

  /** Gives the room back. */
  empty(): void {
    rmSync(this.#ballast, { force: true })
  }

  unmount(): void {
    if (this.mounted) execFileSync('umount', ['--lazy', this.path])
  }

  /** Skips a test that is none without the disk. */
  neededBy(context: TestContext): void {
    if (!this.mounted) context.skip('no tmpfs can be mounted here: run the suite as root to test a full disk')
  }
}

function mount(path: string, bytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
