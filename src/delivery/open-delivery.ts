import { join } from 'node:path'
import type { Context } from '../component.ts'
import { safeFileName } from '../store/atomic-file.ts'
import { layoutOf } from '../store/layout.ts'
import { RequestFolder } from '../store/request-folder.ts'
import { Delivery } from './delivery.ts'
import { HttpSender, type Target } from './http-sender.ts'

/**
 * The delivery of one exporter, with its queue and dead letters on disk.
 *
 * @param maxBytes of the queue, and of the dead letters
 */
export async function openDelivery(context: Context, target: Target, maxBytes: number): Promise<Delivery> {
  const { queues, deadLetters } = layoutOf(context.store.directory)
  const name = safeFileName(context.id)
  return new Delivery({
    context,
    queue: await RequestFolder.open(join(queues, name), maxBytes),
    openDeadLetters: () => RequestFolder.open(join(deadLetters, name), maxBytes),
    sender: new HttpSender(target),
  })
}
