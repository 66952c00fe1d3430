import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'
import type { StoredRequest } from '#src/store/stored-request.ts'

/** Whatever takes a request out of an exporter's queue. */
const OUT = ['requests_delivered', 'requests_refused', 'requests_dropped_queue_full', 'requests_dropped_unreadable']

/** What an exporter has counted, as it was saved, and how many requests wait. */
export interface Books {
  readonly noticed: Readonly<Record<string, number>>
  readonly waiting: number
}

export function booksOf(directory: string, exporter: string): Books {
  const { checkpoint } = layoutOf(directory)
  const { counters } = existsSync(checkpoint) ? JSON.parse(readFileSync(checkpoint, 'utf8')) : { counters: {} }
  return { noticed: counters[`exporter/${exporter}`]?.noticed ?? {}, waiting: waitingIn(directory, exporter) }
}

/** Requests in an exporter's queue. */
export function waitingIn(directory: string, exporter: string): number {
  const queue = join(layoutOf(directory).queues, exporter)
  return existsSync(queue) ? readdirSync(queue).filter((name) => name.endsWith('.request')).length : 0
}

/** Requests that came into the queue between two looks, and those that are in neither books nor queue: 0. */
export function flowOf(before: Books, after: Books): { readonly queued: number; readonly missing: number } {
  const more = (name: string): number => (after.noticed[name] ?? 0) - (before.noticed[name] ?? 0)
  const queued = more('requests_queued')
  const out = OUT.reduce((sum, name) => sum + more(name), 0)
  return { queued, missing: before.waiting + queued - out - after.waiting }
}

export async function deadLettersOf(directory: string, exporter: string): Promise<readonly StoredRequest[]> {
  const folder = await RequestFolder.open(join(layoutOf(directory).deadLetters, exporter), Number.POSITIVE_INFINITY)
  return await Promise.all(folder.ids().map((id) => folder.read(id)))
}
