import type { Logger } from '../component.ts'
import { answerRequest, type CommandAnswer, type CommandRequest, takeRequests } from '../store/command-requests.ts'

const INTERVAL_MS = 250

export interface RequestWatchOptions {
  readonly folder: string
  /** Never rejects with what was asked: its message is logged. */
  readonly perform: (request: CommandRequest) => Promise<CommandAnswer>
  readonly log: Logger
  readonly nowMs: () => number
}

/** Does what commands ask for while the service holds the lock, one after the other. */
export class RequestWatch {
  readonly #options: RequestWatchOptions
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> = Promise.resolve()
  #isBusy = false

  constructor(options: RequestWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS)
  }

  /** Waits for what was taken. Safe to call twice. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#turn
  }

  #look(): void {
    if (this.#isBusy) return
    this.#isBusy = true
    this.#turn = this.#takeAll()
      .catch((error: unknown) => {
        this.#options.log.warn({ error: String(error) }, 'what commands ask for could not be looked up')
      })
      .finally(() => {
        this.#isBusy = false
      })
  }

  async #takeAll(): Promise<void> {
    const { folder, nowMs } = this.#options
    for (const { id, request } of await takeRequests(folder, nowMs())) {
      const answer: CommandAnswer =
        request === undefined
          ? { exitCode: 2, out: '', err: 'Expected a request, found something else in its file.\n' }
          : await this.#perform(request)
      await answerRequest(folder, id, answer)
    }
  }

  async #perform(request: CommandRequest): Promise<CommandAnswer> {
    const { perform, log } = this.#options
    try {
      const answer = await perform(request)
      log.info({ change: request.change, exit_code: answer.exitCode }, 'did what a command asked for')
      return answer
    } catch (error) {
      log.error({ change: request.change, error: String(error) }, 'what a command asked for failed')
      return { exitCode: 3, out: '', err: `agentperf: ${error instanceof Error ? error.message : String(error)}\n` }
    }
  }
}
