/** Lets a loop sleep until there is something to do. */
export class WakeUp {
  #awake = false
  #resolve: (() => void) | undefined

  /** Ends the sleep, or the next one if there is none now. */
  wake(): void {
    this.#awake = true
    this.#resolve?.()
  }

  async sleep(ms: number): Promise<void> {
    if (!this.#awake && ms > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#resolve = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#resolve = undefined
    }
    this.#awake = false
  }
}
