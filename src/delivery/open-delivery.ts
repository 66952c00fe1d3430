import { join } from 'node:path'
import type { Context } from '../component.ts'
import { safeFileName } from '../store/atomic-file.ts'
import { layoutOf } from '../store/layout.ts'
import { RequestFolder } from '../store/request-folder.ts'
import { Delivery, type Sender } from './delivery.ts'

/**
 * The delivery of one exporter, with its queue and dead letters on disk.
 *
 * @param maxBytes of the queue, and of the dead letters
 */
export async function openDelivery(context: Context, sender: Sender, maxBytes: number): Promise<Delivery> {
  const { queues, deadLetters } = layoutOf(context.store.directory)
  const name = safeFileName(context.id)
  return new Delivery({
    context,
    queue: await RequestFolder.open(join(queues, name), maxBytes),
    openDeadLetters: () => RequestFolder.open(join(deadLetters, name), maxBytes),
    sender,
  })
}
