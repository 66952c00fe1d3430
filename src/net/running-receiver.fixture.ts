import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Decisions, Next, Receiver, ReceiverFactory } from '../component.ts'
import type { Telemetry } from '../model/telemetry.ts'
import { wholeItem } from '../otlp/whole-items.fixture.ts'
import { Accounting, type ComponentAccount } from '../service/accounting.ts'
import { InputProgress } from '../service/input-progress.ts'
import { openStore } from '../store/open-store.ts'

/** What receivers take for the present, where a test says nothing else. */
export const NOW_MS = Date.UTC(2026, 1, 13)

export interface Logged {
  readonly level: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** A receiver that listens, with what came out of it. */
export interface RunningReceiver {
  readonly url: string
  readonly received: readonly Telemetry[]
  readonly logged: readonly Logged[]
  readonly receiver: Receiver
  readonly directory: string
  checkpoint(): Promise<void>
  account(): ComponentAccount
  /** Waits until so many items were handed on. */
  untilReceived(count: number): Promise<void>
}

export interface ReceiverRun<Config> {
  readonly factory: ReceiverFactory<Config, 'telemetry'>
  readonly id: string
  readonly config: Config
  /** Stands before what keeps the items. */
  readonly next?: Next<'telemetry'> | undefined
  /** A folder with the state of an earlier run. */
  readonly directory?: string | undefined
  readonly decisions?: Decisions | undefined
  readonly nowMs?: (() => number) | undefined
}

export async function temporaryFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-receiver-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Starts a receiver; it is stopped when the test is over. */
export async function runReceiver<Config>({
  factory,
  id,
  config,
  next,
  directory,
  nowMs = () => NOW_MS,
  decisions = { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
}: ReceiverRun<Config>): Promise<RunningReceiver> {
  const at = directory ?? (await temporaryFolder())
  const store = await openStore({ directory: at, mode: 'write', nowMs })
  const accounting = new Accounting()
  const received: Telemetry[] = []
  const logged: Logged[] = []
  const log = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    logged.push({ level, fields, message })
  }
  const context = {
    id,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    now: nowMs,
    items: accounting.itemsOf(id),
    progress: new InputProgress().of(id),
    store,
    decisions,
  }
  const receiver = factory.create(config, context, async (batch) => {
    await next?.(batch)
    // Whole: what items refer to may be given back now.
    received.push(...batch.map(wholeItem))
  })
  onTestFinished(async () => {
    await receiver.stop()
    await store.checkpoint()
    await store.close()
  })
  await receiver.start()
  return {
    url: String(logged.find(({ fields }) => 'url' in fields)?.fields.url),
    received,
    logged,
    receiver,
    directory: at,
    checkpoint: () => store.checkpoint(),
    account() {
      const account = accounting.components().get(id)
      if (account === undefined) throw new Error('nothing was accounted for')
      return account
    },
    async untilReceived(count) {
      while (received.length < count) await sleep(2)
    },
  }
}
